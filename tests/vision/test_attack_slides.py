"""Attacks with several stills: told by people whose frames are plain colours."""

from itertools import groupby

import pytest
from attack_builders import plain_scene, told

from services.domain.liveness import Action
from services.rehearsal import attack_slides as slides
from services.rehearsal.attack_people import FILM

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_slide_show_has_the_fronts_still_and_then_the_actions(seed: int) -> None:
    scene = plain_scene(seed)
    for step, frames in groupby(slides.slideshow(scene), key=lambda frame: frame.step):
        seen = [told(frame.jpeg) for frame in frames]
        assert {scene.asked[step]} == {action for _, action, _ in seen}
        ends = [0] if scene.asked[step] is Action.FRONT else [0, FILM - 1]
        assert [index for index, _ in groupby(index for index, *_ in seen)] in ([FILM - 1], ends)


@pytest.mark.parametrize("seed", SEEDS)
def test_tilted_slides_are_two_stills_as_well(seed: int) -> None:
    for step, frames in groupby(slides.tilted_slides(scene := plain_scene(seed)), key=lambda frame: frame.step):
        seen = [told(frame.jpeg) for frame in frames]
        assert {(scene.asked[step], slides.SHOWN)} == {(action, len(seen)) for _, action, _ in seen}
        assert {index for index, *_ in seen} == ({0} if scene.asked[step] is Action.FRONT else {0, FILM - 1})


@pytest.mark.parametrize("seed", SEEDS)
def test_a_flip_book_has_at_most_two_pictures_on_the_way(seed: int) -> None:
    frames = slides.flipbook(plain_scene(seed))
    for step in (1, 2, 3):
        indices = [told(frame.jpeg)[0] for frame in frames if frame.step == step]
        assert indices == sorted(indices)
        assert sum(0 < index < FILM - 1 for index in indices) <= 2


def test_the_same_seed_gives_the_same_slides() -> None:
    assert slides.flipbook(plain_scene(1)) == slides.flipbook(plain_scene(1))
