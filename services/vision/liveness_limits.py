"""The numbers that decide liveness, each with what it was measured on; `pinreset bench liveness --derive` measures them again.

"People" are the London set, neutral and smiling, "drawn" are portraits moved by `rehearsal.clip`, "held" their pictures as a flat
sheet before the camera, turned, tilted and moved. First looked at on 27 people, then measured on the 27 others, who are the
development half; the ranges hold both. The attack bench reports on the first half: to it, the limits are not quite strangers.
Passive thresholds and the same-face threshold stand with their models in `models.toml`.
"""

from typing import Final

# --- Can it be judged? (costs no attempt) ------------------------------------------------------------------------------------

FEWEST_FRONTAL: Final = 5  # usable frames of the front step
FEWEST_IN_STEP: Final = 4
USABLE_SHARE: Final = 0.7  # of a step's frames: nobody shall hide a swap between frames that cannot be judged

FEWEST_EYE_PIXELS: Final = 40.0  # the aligned face has 38 between the eyes: nothing is made up by enlarging
OUTSIDE_SHARE: Final = 0.02  # of the landmarks beyond the edge; people 0
LARGEST_FACE: Final = 0.7  # of the picture's width or height in the front view: a quarter more must still fit
PRESENCE: Final = 0.0  # the mesh's log-odds that it sees a face at all

# Mean of the aligned face. All 54 people: 65 to 171; at a quarter of the light 16 to 39.
DARKEST: Final = 45.0
BRIGHTEST: Final = 225.0
# Share of white background, and face per background. People 0 to .22 (and .31 to .76, the darkest skins included: the ratio alone
# would turn them away); with a window behind, drawn at two strengths, from .34, and .12 to .41.
CLIPPED_AROUND: Final = 0.28
AGAINST_AROUND: Final = 0.45
# Share of the face that is white in all colours: people 0, with a reflection on cheek or forehead .136 to .356.
REFLECTING_SHARE: Final = 0.05
# Variance of the Laplacian: people 30 to 66, at half the size 24 to 56; the real clips, palette GIFs with 40 pixels between the
# eyes, 6.6 to 15; blurred with a standard deviation of 3 pixels at 100 between the eyes 4.3 to 18, of 4 pixels 2.7 to 7.2, of 5
# pixels 1.1 to 5.5.
SHARPNESS: Final = 5.5
# Yaw and pitch up to which coverings are judged: a turned face shows one eye less, a mask pulls the estimated pitch down by 10.
COVERING_JUDGED_DEG: Final = (20.0, 35.0)
# Contrast of the worse eye, per fine contrast: people, smiling or not, 3.1 to 7.1, the two real clips from 1.8; behind sunglasses
# (black, brown) .22 to 1.68, median .45, behind a hand .54 to 1.58.
EYE_CONTRAST: Final = 1.7
# The strongest line of the mouth, likewise: people 8.9 to 31, the clips from 11.5; a mask (white, blue, black) .27 to 2.3, a hand
# 1.3 to 5.6. At 7.0, 1 of 18 recordings drawn in motion was asked again.
LIP_CONTRAST: Final = 6.2

# --- Are the frames a camera's? ---------------------------------------------------------------------------------------------

LONGEST_GAP_MS: Final = 1000  # in a step; the page takes a frame each 240 ms, a busy phone sometimes waits for 700
SHORTEST_PAUSE_MS: Final = 100  # median of a step
REVERSAL_DEG: Final = 12.0  # frames in another order go to and fro; a person overshoots by less
REVERSALS: Final = 3
# The largest shift among three frames in a row, per outer eye distance, where it is smallest in a session: one picture encoded
# three times, with noise, .0013 to .0032; a real man who sits as still as he can, four frames a second, .0082; drawn people .0049.
NEARLY_SAME: Final = 0.004
FROZEN_SHARE: Final = (
    0.5  # of the textured blocks of 8 by 8 pixels that are equal in neighbouring frames, see `liveness_pace`
)
FROZEN_FRAMES: Final = 0.5  # of a step's neighbouring pairs

# --- Is it one face? ---------------------------------------------------------------------------------------------------------

# Similarity with the own front: the limits hold up to the first angle and fall, to the matcher's `same_face` and to the second
# number of `BREAK_AT_ONCE`, at the second. Own faces: ahead .86 to
# 1.0 (27 people, neutral and smiling), the real clip's man .74 to 1.0; at 20 degrees from .76, 25 .64, 30 .49 (raised) and .62
# (turned), 36 .50, 42 .42; the real clip's woman at 30 degrees .69, at 45 .59. Others: up to .37 ahead, .28 turned or raised; the
# two of the other half who are most alike .50 ahead.
ALIKE_AHEAD: Final = 0.6
ALIKE_DEG: Final = (15.0, 30.0)
BREAK_AT_ONCE: Final = (0.5, 0.25)
# Who looks down by more is not judged: the same person's similarity falls to .5.
RISE_JUDGED_DEG: Final = (-20.0, 30.0)
JUMP: Final = 1.2  # of the outer eye distance, from one frame to the next, about a third of a second
GROWTH: Final = 1.5

# --- Does it do what is asked, as a solid head does? --------------------------------------------------------------------------

FRONTAL_DEG: Final = 15.0  # from the own baseline; at 12 a nervous person fails
LARGEST_TILT_DEG: Final = 25.0  # of the baseline itself, against the camera
SHOWN_FRAMES: Final = 3
WRONG_FRAMES: Final = 2
TURNED_DEG: Final = (20.0, 45.0)
# Of the way from the own front to the action: where the step's nearest frame is, see `liveness_way`. Drawn people -.07 to .01;
# one still under a moving hand .94 to .99. Who is quick may have begun before the first frame.
WAY_BEGINS: Final = 0.7
# The largest part of the way between two frames. Stills after one another, a hand moving them, .92 to 1.0; drawn people, 240 ms
# from frame to frame, .25 to .43, 300 ms .34 to .56. The real clip's woman, who throws her head from one side to the other: out
# of a turn .52 to .78 at 240 ms, into it .56 to 1.0 (4 films), at 320 ms nearly always 1.0: so the page takes a frame each 240 ms.
LEAP: Final = 0.87
LEAP_JUDGED_MS: Final = 280  # the page's pause and a camera's frame; a longer one hides an honest turn as well
# How far the depth has moved, per how far the shape has, on the way (13 to 87 hundredths). Drawn people .87 to 1.09 (8, 4 of them
# of the development half; n = 53), the real clip's woman .91 to 1.18; the front's still turned or tilted by 20 to 58 degrees, .76
# at most on the same people (n = 104), .82 on others. What is flat counts as the front.
SOLID: Final = 0.86
RAISED_DEG: Final = (10.0, 30.0)
NEARER_BY: Final = 1.25
NEARER_IN_STEP: Final = 1.15  # over the step's own beginning: who sits nearer from the start has not come nearer

# All 54 people neutral, turned, rolled and with noise, rose by .026 at most; people who smile as they like by .008 to .6, 9 of 54
# below this limit.
SMILE_RISE: Final = 0.05
# Real heads at 20 to 30 degrees: .085 to .15, median .12. Flat pictures that report so much turn: .07 to .13, but with little
# presence, or too narrow. The three together let 10 of 2051 single frames of held pictures through, all of them bent around a
# quarter of a circle; an action needs three frames.
PARALLAX: Final = 0.085
PRESENCE_TURNED: Final = 10.0
NARROWER_THAN_TURN: Final = 0.08
# `DepthMotion.up`. Drawn .33 to .45; held, tilted by up to 60 degrees, .14 at most where the mesh believes it, .19 elsewhere.
RAISED_BY_DEPTH: Final = 0.22
# `DepthMotion.nearer`, median of the step. Drawn .003 to .008; held and moved as near, -.004 to .003, around 0: this alone turns
# two of three away, and no picture gets so far without a turn.
NEARER_BY_DEPTH: Final = 0.001

REPLAY_FRAMES: Final = 8
MOST_FRONTAL: Final = 12
