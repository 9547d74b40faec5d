"""How a character is drawn: a few features, each a word from a short list."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

# fmt: off
Figure: TypeAlias = Literal["woman", "man"]
Age: TypeAlias = Literal["young", "grown", "old"]
Skin: TypeAlias = Literal["olive", "tan", "bronze", "brown", "umber"]
Face: TypeAlias = Literal["long", "even", "broad"]
Mood: TypeAlias = Literal["calm", "smile", "grave"]
Hair: TypeAlias = Literal["bald", "receding", "short", "curly", "wild", "long", "braid"]
HairColour: TypeAlias = Literal["black", "brown", "auburn", "grey", "white"]
Beard: TypeAlias = Literal["none", "stubble", "short", "curly", "full", "long"]
Head: TypeAlias = Literal[
    "bare", "band", "veil", "shawl", "scarf", "headcloth", "turban", "circlet", "crown", "tiara", "helmet", "cap",
    "nemes",
]
Robe: TypeAlias = Literal["tunic", "mantle", "draped", "striped", "royal", "fleece", "armour", "collar"]
Colour: TypeAlias = Literal[
    "white", "cream", "sand", "ochre", "saffron", "rust", "crimson", "rose", "plum", "purple", "indigo", "blue", "sky",
    "teal", "olive", "moss", "brown", "umber", "grey", "charcoal",
]
Held: TypeAlias = Literal[
    "nothing", "staff", "crook", "spear", "harp", "timbrel", "sheaf", "scroll", "tablets", "horn", "coat", "tongs",
    "branch", "quill", "jar", "torch", "lamp", "bread", "sceptre",
]
Beside: TypeAlias = Literal[
    "nothing", "palm", "oak", "lion", "raven", "lamb", "tent", "bush", "pillar", "net", "cloth", "reeds", "boat",
]
Scene: TypeAlias = Literal[
    "hills", "desert", "mountain", "sea", "field", "town", "walls", "temple", "palace", "pyramids", "ruins", "road",
    "camp", "gate",
]
Light: TypeAlias = Literal["dawn", "day", "dusk", "night"]
# fmt: on


@dataclass(frozen=True, slots=True)
class Portrait:
    """The features of one picture. What is not said is drawn plainly."""

    figure: Figure
    age: Age = "grown"
    skin: Skin = "tan"
    """From light to dark: olive, tan, bronze, brown, umber."""
    face: Face = "even"
    mood: Mood = "calm"
    hair: Hair = "short"
    hair_colour: HairColour = "black"
    beard: Beard = "none"
    head: Head = "bare"
    """What is worn on the head."""
    head_colour: Colour = "cream"
    robe: Robe = "tunic"
    colours: tuple[Colour, ...] = ("sand", "brown", "cream")
    """Of the robe: one to three, the main one first, then that of the mantle or stripes, then that of the hem."""
    holds: Held = "nothing"
    beside: Beside = "nothing"
    """What stands behind, on the left."""
    scene: Scene = "hills"
    light: Light = "day"
