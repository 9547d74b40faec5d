"""Reads a folder of YAML and text. Gives Character, Conversation, Probe, Corpus and Passage."""

from emmaus.packs.checking import Findings, check_pack, examine_pack
from emmaus.packs.corpus import Corpus
from emmaus.packs.knowledge import knows
from emmaus.packs.load import SHIPPED, Pack, load_pack, pack_folder
from emmaus.packs.new import new_pack
from emmaus.packs.records import LaterTerm, Topic
from emmaus.packs.references import Reference

__all__ = [
    "SHIPPED",
    "Corpus",
    "Findings",
    "LaterTerm",
    "Pack",
    "Reference",
    "Topic",
    "check_pack",
    "examine_pack",
    "knows",
    "load_pack",
    "new_pack",
    "pack_folder",
]
