"""Whether a living person followed the challenge: networks look at each frame, rules decide.

What it stops and what not is measured: still, tilted and bent pictures, wrong order, swaps and screen replays are refused; one
portrait drawn in three dimensions and *injected* through a virtual camera (`services.rehearsal.head`) passes, as it would pass any
check of images. A web page has no trustworthy camera; the card, its passwords and the nonce-bound session carry the weight there.
"""

from collections.abc import Sequence

from services.domain.liveness import LiveFrame, LivenessChallenge
from services.domain.verdicts import LivenessFault, LivenessVerdict
from services.vision import liveness_pace as pace
from services.vision import liveness_rules as rules
from services.vision.liveness_actions import action_fault
from services.vision.liveness_baseline import Baseline, baseline
from services.vision.liveness_replay import ReplayDetector
from services.vision.liveness_sight import Blind, Observer, Sight
from services.vision.liveness_way import way_fault
from services.vision.models import threshold


class MeshLiveness:
    """`ports.LivenessCheck`. The constructor loads the models; one thread uses it.

    The attack bench brings an observer that remembers what it saw, since several judges look at the same frames.
    """

    def __init__(self, observer: Observer | None = None) -> None:
        self._observer = observer or Observer()
        self._replay = ReplayDetector()

    def judge(self, challenge: LivenessChallenge, frames: Sequence[LiveFrame]) -> LivenessVerdict:
        """See `ports.LivenessCheck`."""
        if fault := pace.frames_fault(frames):
            return LivenessVerdict(fault=fault)
        if unpaced := pace.pace_fault(frames):
            return unpaced
        looks = [self._observer.look(frame) for frame in frames]
        if unusable := rules.capture_fault(challenge, looks):
            return LivenessVerdict(capture_fault=unusable)
        sights = [look for look in looks if isinstance(look, Sight)]
        own = baseline([sight for sight in sights if sight.step == 0])
        if own is None:
            return LivenessVerdict(fault=LivenessFault.ACTION_NOT_SEEN, action=challenge.steps[0].action.value)
        return self._refused(challenge, own, sights) or self._passive(own, looks)

    def _refused(self, challenge: LivenessChallenge, own: Baseline, sights: Sequence[Sight]) -> LivenessVerdict | None:
        if fault := pace.sights_fault(sights):
            return LivenessVerdict(fault=fault)
        if rules.face_changed(own, sights):
            return LivenessVerdict(fault=LivenessFault.FACE_CHANGED)
        before = None
        for number, step in enumerate(challenge.steps):
            shown = [sight for sight in sights if sight.step == number]
            if fault := action_fault(step.action, before, own, shown):
                return LivenessVerdict(fault=fault, action=step.action.value)
            if unlike_a_head := way_fault(step.action, own, shown):
                return unlike_a_head
            before = step.action
        return None

    def _passive(self, own: Baseline, looks: Sequence[Sight | Blind]) -> LivenessVerdict:
        chosen = rules.frontal(own, looks)
        cuts = [look.around for look in (looks[index] for index in chosen) if isinstance(look, Sight)]
        scores = [self._replay.score(cut) for cut in cuts]
        reject, accept = threshold("replay", "reject"), threshold("replay", "accept")
        return rules.replay_verdict(scores, chosen, reject=reject, accept=accept)
