"""The main job once, told step by step: a virtual resident reserves on the phone and resets at the kiosk."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from services.card.pcscd import missing_for_pcscd
from services.clock import SystemClock
from services.domain.errors import ResetError
from services.domain.password import PasswordKind
from services.rehearsal.browser import PageUnexpected
from services.rehearsal.front_drawing import FontMissing
from services.rehearsal.processes import ProgramFailed
from services.rehearsal.proof import Proof, prove
from services.rehearsal.props import Props, make_props
from services.rehearsal.resident import VirtualResident
from services.rehearsal.stage import Stage
from services.rehearsal.telling import Telling
from services.rehearsal.visitor import VirtualVisitor

# What may end a rehearsal before its proof: a page, a program, the fonts, a refusal of ours, or the network.
FAILURES: Final = (PageUnexpected, ProgramFailed, FontMissing, ResetError, httpx.HTTPError)


@dataclass(frozen=True)
class Wish:
    """How the rehearsal is to be."""

    directory: Path
    kind: PasswordKind = PasswordKind.SIGNATURE
    portrait: Path | None = None
    seed: int = 20261121
    database_url: str | None = None
    without_pcsc: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)  # of server and kiosk, beside the usual ones


def build(wish: Wish, telling: Telling) -> tuple[Stage, Props]:
    """Builds the stage and the virtual resident, and starts every program."""
    missing = missing_for_pcscd()
    pcsc = not missing and not wish.without_pcsc
    telling.chapter("準備")
    if not pcsc:
        why = "選択により" if not missing else f"{'・'.join(missing)} がないため"
        telling.note(f"{why} PC/SC を使わず、ローカルソケットの仮想カードリーダーを使います。")
    stage = Stage.build(wish.directory, pcsc=pcsc, database_url=wish.database_url, settings=wish.settings)
    try:
        with telling.step("scenery", "データベースを最新版に、仮想発行者の鍵と証明書、端末の登録") as step:
            issuer = stage.set_scenery()
            step.proven = "移行済み"
        with telling.step("card_issue", "練習用カードを発行し、表面の写真とカメラの映像を用意") as step:
            props = make_props(
                issuer,
                stage.card_file,
                now=SystemClock().now(),
                seed=wish.seed,
                portrait=wish.portrait,
                drawings=wish.directory.parent / "rehearsal",
            )
            step.proven = "実在しない人物。RSA-2048の鍵はこのカードだけのもの"
        with telling.step("start", "すべてのプログラムを起動") as step:
            stage.start(lambda name: telling.note(f"起動: {name}"))
            step.proven = "どれも応答した"
    except BaseException:
        stage.close()
        raise
    return stage, props


def perform(stage: Stage, props: Props, kind: PasswordKind, telling: Telling) -> Proof:
    """The main job: phone, kiosk, and then the question to the card itself."""
    telling.chapter(f"スマートフォン: {kind.label}の初期化を予約")
    deadline = VirtualResident(stage, props, kind, telling).reserve()
    telling.chapter("コンビニのキオスク端末: 予約を使って初期化")
    VirtualVisitor(stage, props, kind, telling).reset()
    telling.chapter("確かめる")
    with telling.step("evidence", "カード・予約・監査ログをそれぞれに問う") as step:
        proof = prove(stage, props, kind, deadline)
        step.proven = "; ".join(proof.facts)
    return proof


def summary(telling: Telling, proof: Proof | None, began: float) -> str:
    """The last line of a rehearsal; without a proof it broke off after the steps that are told."""
    steps = [{"name": step.name, "s": step.seconds} for step in telling.steps]
    return json.dumps(
        {
            "main_job": "completed" if proof and proof.completed else "failed",
            "steps": steps,
            "evidence_verified": proof is not None and proof.evidence_verified,
            "total_s": round(time.monotonic() - began, 3),
        },
        ensure_ascii=False,
    )


@contextmanager
def told_when_it_fails(telling: Telling, logs: Path, began: float) -> Iterator[None]:
    """Ends the program with status 1 when the rehearsal breaks off: one line for a person, then the summary."""
    try:
        yield
    except FAILURES as fault:
        # A program's failure quotes the end of its log; the log itself is named, so one line is enough.
        what = (str(fault).splitlines() or [""])[0]
        telling.note(f"途中で失敗しました: {type(fault).__name__} {what} 各プログラムの記録: {logs}")
        telling.last(summary(telling, None, began))
        sys.exit(1)
