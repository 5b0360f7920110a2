"""Three words by which a resident knows their reservation again: on the phone when it is made, on the terminal when it is found.

They are no secret and no key: 2^18 possibilities, taken from a hash of the reservation's id, so that both screens say the same
without anything of the person. The words are things that a child knows, in hiragana, with the Hepburn spelling for who does not
read it.
"""

from hashlib import sha256
from typing import Final

COUNT: Final = 3
_LABEL: Final = b"mnc-reset:code-words:1\n"

ROMAJI: Final = {
    "さくら": "sakura", "うめ": "ume", "もみじ": "momiji", "すみれ": "sumire",
    "ひまわり": "himawari", "たけ": "take", "まつ": "matsu", "いね": "ine",
    "りんご": "ringo", "みかん": "mikan", "ぶどう": "budō", "もも": "momo",
    "かき": "kaki", "なし": "nashi", "くり": "kuri", "いちご": "ichigo",
    "ねこ": "neko", "いぬ": "inu", "うさぎ": "usagi", "きつね": "kitsune",
    "たぬき": "tanuki", "くま": "kuma", "しか": "shika", "うま": "uma",
    "つばめ": "tsubame", "すずめ": "suzume", "かもめ": "kamome", "はと": "hato",
    "つる": "tsuru", "ふくろう": "fukurō", "かめ": "kame", "かえる": "kaeru",
    "やま": "yama", "かわ": "kawa", "うみ": "umi", "そら": "sora",
    "ほし": "hoshi", "つき": "tsuki", "ゆき": "yuki", "にじ": "niji",
    "かさ": "kasa", "とけい": "tokei", "はし": "hashi", "ふね": "fune",
    "くるま": "kuruma", "でんわ": "denwa", "つくえ": "tsukue", "いす": "isu",
    "たいこ": "taiko", "ふえ": "fue", "こま": "koma", "たこ": "tako",
    "まり": "mari", "かるた": "karuta", "はなび": "hanabi", "ちょうちん": "chōchin",
    "おにぎり": "onigiri", "うどん": "udon", "そば": "soba", "とうふ": "tōfu",
    "みそ": "miso", "おちゃ": "ocha", "まめ": "mame", "だいこん": "daikon",
}  # fmt: skip
_WORDS: Final = tuple(ROMAJI)


def code_words(reservation_id: str) -> tuple[str, ...]:
    """The reservation's words, always the same."""
    digest = sha256(_LABEL + reservation_id.encode()).digest()
    return tuple(_WORDS[octet % len(_WORDS)] for octet in digest[:COUNT])
