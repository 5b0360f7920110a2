"""What the simulator says of a photograph must be what can be seen in it: the rule of legibility rests on it."""

from datetime import date

import cv2
import numpy as np
import pytest

from services.rehearsal.front_blank import SCALE
from services.rehearsal.front_capture import close_up, shoot
from services.rehearsal.front_drawing import FontMissing
from services.rehearsal.front_hand import HANDS, NATURAL, Tier
from services.rehearsal.front_people import someone
from services.rehearsal.front_picture import render_front
from services.rehearsal.front_truth import (
    BIRTH_BOX,
    EXPIRY_BOX,
    MOST_BLUR_MM,
    MOST_GLARED,
    MOST_OF_A_DIGIT,
    PLANE_PX_PER_MM,
    FieldTruth,
    FieldTruths,
    Photograph,
    plane,
    truths,
)
from services.vision.image import decode_picture

TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def card() -> np.ndarray:
    try:
        return render_front(someone(31, TODAY), seed=31)
    except FontMissing as missing:
        pytest.skip(str(missing))


def straightened(shot: Photograph, like: np.ndarray) -> np.ndarray:
    to_card = np.diag([1 / SCALE, 1 / SCALE, 1.0])
    size = (like.shape[1], like.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(decode_picture(shot.jpeg), shot.to_picture @ to_card, size, flags=flags)


@pytest.mark.parametrize("seed", range(40, 44))
def test_the_pose_takes_the_drawn_card_to_where_it_is_seen(card: np.ndarray, seed: int) -> None:
    shot = shoot(card, seed=seed, tier=Tier.EASY)
    there, here = (cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)[40:-40, 40:-40] for part in (straightened(shot, card), card))
    shift, response = cv2.phaseCorrelate(there.astype(np.float32), here.astype(np.float32))
    assert response > 0.2
    assert np.hypot(*shift) < 0.1 * SCALE


def test_a_close_up_is_the_right_way_up_and_nearly_filled(card: np.ndarray) -> None:
    shot = close_up(card, seed=41)
    corners = cv2.perspectiveTransform(np.array([[[0, 0], [85.6, 53.98]]], np.float64), shot.to_picture)[0]
    assert (corners[1] - corners[0] > 300).all()
    assert all(8 * 0.9 < field.px_per_mm < 13 for field in shot.fields)


def test_easy_pictures_are_legible_and_illegible_ones_are_not(card: np.ndarray) -> None:
    assert all(shoot(card, seed=seed, tier=Tier.EASY).legible for seed in range(40, 46))
    blurred = [shoot(card, seed=seed, tier=Tier.ILLEGIBLE) for seed in range(40, 46)]
    assert not any(shot.legible for shot in blurred)


def test_a_finger_on_a_field_shows_in_its_truth(card: np.ndarray) -> None:
    covered = [
        max(field.covered for field in shoot(card, seed=seed, tier=Tier.COVERED).fields) for seed in range(40, 48)
    ]
    assert min(covered) > 0
    assert max(covered) > 0.3


def test_what_covers_half_of_a_field_is_counted_as_half() -> None:
    cover, to_picture = plane(), np.diag([10.0, 10.0, 1.0])
    left, _, right, _ = BIRTH_BOX
    cover[:, : round((left + right) / 2 * PLANE_PX_PER_MM)] = 1
    birth, expiry, code = truths(to_picture, cover, plane(), 0.05)
    assert birth.covered == pytest.approx(0.5, abs=0.02)
    assert (expiry.covered, code.covered) == (0.0, 1.0)
    assert birth.px_per_mm == pytest.approx(10.0)


def test_a_letter_that_is_burnt_out_is_hidden_though_it_is_a_small_part_of_its_date() -> None:
    glare, (left, top, _, bottom) = plane(), EXPIRY_BOX
    columns = slice(round((left + 3) * PLANE_PX_PER_MM), round((left + 4.2) * PLANE_PX_PER_MM))
    glare[round(top * PLANE_PX_PER_MM) : round(bottom * PLANE_PX_PER_MM), columns] = 1
    expiry = truths(np.diag([10.0, 10.0, 1.0]), plane(), glare, 0.05).expiry
    assert (expiry.glared < MOST_GLARED, expiry.hidden, expiry.legible) == (True, pytest.approx(1.0), False)


@pytest.mark.parametrize(
    ("field", "legible"),
    [
        (FieldTruth(0.0, 0.0, 0.0, 0.0, 12.0), True),
        (FieldTruth(0.05, 0.10, MOST_OF_A_DIGIT, MOST_BLUR_MM, 7.8), True),
        (FieldTruth(0.0, 0.05, MOST_OF_A_DIGIT + 0.01, 0.0, 12.0), False),
        (FieldTruth(0.06, 0.0, 0.1, 0.0, 12.0), False),
        (FieldTruth(0.0, 0.11, 0.1, 0.0, 12.0), False),
        (FieldTruth(0.0, 0.0, 0.0, MOST_BLUR_MM + 0.01, 12.0), False),
        (FieldTruth(0.0, 0.0, 0.0, 0.0, 7.7), False),
    ],
)
def test_legibility_is_a_rule(field: FieldTruth, legible: bool) -> None:  # noqa: FBT001  # a table's column
    good = FieldTruth(0.0, 0.0, 0.0, 0.0, 12.0)
    assert field.legible is legible
    assert Photograph(b"", np.eye(3), FieldTruths(good, field, good)).legible is legible


def test_natural_tiers_grow_harder() -> None:
    blurs = [HANDS[tier].defocus_mm[1] for tier in NATURAL]
    assert sorted(blurs) == blurs


def test_people_cover_what_cards_can_say() -> None:
    people = [someone(seed, TODAY).front for seed in range(800)]
    assert all(front.follows_birthday_rule or front.western_birth_year for front in people)
    assert 0.05 < sum(front.western_birth_year for front in people) / len(people) < 0.15
    assert any((front.birth.month, front.birth.day) == (2, 29) for front in people)
    assert any(front.birth < date(1912, 7, 30) for front in people)
    assert {4, 5, 9, 10} <= {front.expiry.year - TODAY.year for front in people}
    assert any(not someone(seed, TODAY).with_photo for seed in range(200))
