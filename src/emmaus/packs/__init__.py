"""Reads a folder of YAML and text. Gives Character, Conversation, Probe, Corpus and Passage."""

from emmaus.packs.checking import check_pack
from emmaus.packs.corpus import Corpus
from emmaus.packs.knowledge import knows
from emmaus.packs.load import Pack, load_pack
from emmaus.packs.records import LaterTerm, Topic
from emmaus.packs.references import Reference

__all__ = ["Corpus", "LaterTerm", "Pack", "Reference", "Topic", "check_pack", "knows", "load_pack"]
