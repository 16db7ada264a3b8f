"""The words that slots draw from."""

from __future__ import annotations

import random

NOUNS = (
    "Acorn Air Alien Alpha Amber Anchor Angel Apple Arch Arena Arrow Ash Atlas Aurora Autumn Axe Balloon Bamboo "
    "Bank Barn Barrel Basket Beach Beacon Bean Bear Beast Bell Berry Bird Blade Blast Block Blossom Boat Bolt Bone "
    "Book Boost Boss Bottle Boulder Bounce Box Brass Bread Breeze Brick Bridge Bronze Bubble Bunny Button Cactus "
    "Cage Cake Camp Candle Candy Cannon Canyon Cape Car Card Castle Cat Cave Chain Chair Chamber Charm Check Cheese "
    "Cherry Chest Chip Circle City Clay Cliff Clock Cloud Clover Coal Coast Cobalt Coin Comet Control Cookie Copper "
    "Coral Corner Cosmic Cotton Crab Crane Crate Crater Cream Creek Crown Crystal Cube Cup Curse Dagger Dark Dash "
    "Dawn Deep Desert Dew Diamond Dino Disc Dock Dog Dome Door Dove Dragon Dream Drift Drop Drum Duck Dune Dust "
    "Eagle Earth Echo Eclipse Edge Egg Electric Ember Emerald Energy Engine Entry Exit Falcon Fall Fang Farm "
    "Feather Fern Field Finish Fire Fish Flag Flame Flash Float Flower Fog Forest Forge Fort Fossil Fountain Fox "
    "Frog Frost Fruit Galaxy Garden Gate Gear Gem Ghost Giant Glacier Glass Glide Globe Glow Gold Golem Grape Grass "
    "Grave Green Grove Guard Hall Hammer Harbor Hawk Heart Hedge Hero Hidden Hill Hive Holly Honey Horn Hound House "
    "Ice Icy Idol Ink Iron Island Ivory Ivy Jade Jelly Jet Jewel Jungle Kart Key King Kite Knight Lab Ladder Lake "
    "Lamp Laser Lava Leaf Ledge Lemon Lever Lift Light Lightning Lily Lime Lion Lobby Lock Lotus Lucky Lunar "
    "Machine Magic Magma Magnet Mango Maple Marble Mask Maze Meadow Melon Metal Meteor Mill Mine Mint Mirror Mist "
    "Money Moon Moss Mountain Mud Mushroom Neon Nest Night Nova Oak Oasis Obsidian Ocean Olive Onyx Opal Orb Orchid "
    "Outpost Owl Palace Palm Panda Panel Paper Path Peak Pearl Pepper Phantom Pine Pirate Pixel Pizza Plasma Plate "
    "Plaza Point Pond Pool Portal Potion Power Prism Pulse Pumpkin Puzzle Pyramid Quartz Quest Rabbit Radar Rain "
    "Rainbow Ramp Raven Red Reef Ring Ripple River Robot Rock Rocket Rose Ruby Rune Sail Salt Sand Sapphire Scarab "
    "Secret Seed Shadow Shark Shell Shield Ship Shore Shrine Silver Sky Slide Slime Snack Snake Snow Solar Spark "
    "Speed Sphere Spice Spider Spike Spin Spiral Spirit Spring Stage Star Start Station Steam Steel Step Stone "
    "Storm Straw Stream Summit Sun Sunset Surge Swamp Swift Sword Table Tank Temple Tent Thorn Thunder Tide Tiger "
    "Tile Timber Titan Toad Token Torch Tower Toy Track Trail Trap Treasure Tree Trophy Tunnel Turbo Turret Turtle "
    "Umbra Valley Vault Velvet Vine Violet Void Volcano Wagon Wall Water Wave Wheel Whirl Wild Willow Wind Winter "
    "Wolf Wonder Wood Yellow Zen Zephyr Zombie Zone"
).split()
THINGS = (
    "Area Base Block Board Box Brick Button Door Folder Gate Giver Item Model Pad Part Place Plate Platform Point Pole "
    "Sign Spot Stand Switch Target Tile Tool Trigger Wall Zone"
).split()
CURRENCIES = (
    "Coins Gems Points Cash Gold Tokens Stars Credits Diamonds Kills Wins Crystals Souls Tickets Bucks Money Score XP "
    "Shards Rubies Pearls Candies Hearts Bones Dollars Medals Orbs Stage Level Eggs Fish Apples Trophies Energy"
).split()
KEYS = {
    **{letter: letter for letter in "QERFGHZXCVTYUPLMNBJK"},
    "shift": "LeftShift",
    "left shift": "LeftShift",
    "LeftShift": "LeftShift",
    "right shift": "RightShift",
    "ctrl": "LeftControl",
    "left ctrl": "LeftControl",
    "control": "LeftControl",
    "LeftControl": "LeftControl",
    "alt": "LeftAlt",
    "tab": "Tab",
    "space": "Space",
    "spacebar": "Space",
}
COLORS = {
    "red": "Color3.fromRGB(255, 0, 0)",
    "dark red": "Color3.fromRGB(139, 0, 0)",
    "blue": "Color3.fromRGB(0, 0, 255)",
    "light blue": "Color3.fromRGB(173, 216, 230)",
    "green": "Color3.fromRGB(0, 255, 0)",
    "dark green": "Color3.fromRGB(0, 100, 0)",
    "yellow": "Color3.fromRGB(255, 255, 0)",
    "purple": "Color3.fromRGB(128, 0, 128)",
    "orange": "Color3.fromRGB(255, 165, 0)",
    "pink": "Color3.fromRGB(255, 105, 180)",
    "white": "Color3.fromRGB(255, 255, 255)",
    "black": "Color3.fromRGB(0, 0, 0)",
    "gray": "Color3.fromRGB(128, 128, 128)",
    "cyan": "Color3.fromRGB(0, 255, 255)",
    "gold": "Color3.fromRGB(255, 215, 0)",
    "brown": "Color3.fromRGB(139, 69, 19)",
}
MATERIALS = {
    "neon": "Neon",
    "wood": "Wood",
    "grass": "Grass",
    "metal": "Metal",
    "ice": "Ice",
    "glass": "Glass",
    "sand": "Sand",
    "brick": "Brick",
    "marble": "Marble",
    "granite": "Granite",
    "slate": "Slate",
    "forcefield": "ForceField",
}
_MESSAGES = (
    "Welcome to the game|Game over|You win|Good luck|Round starting|Get ready|You found a secret|Level up|Well done|"
    "Nice try|Come back soon|Stage complete|New high score|Be careful|Run|Boss incoming|Time is up|Access denied|"
    "Thanks for playing|Too slow|Enter if you dare|You got a reward|Watch out below|The door is open|Please wait|"
    "Checkpoint reached|You need a key|Shop closed|Double points|Almost there|Welcome back|Mission failed|Try again"
).split("|")
_SYLLABLES = (
    "ba be bo da do du fa fi ga go ka ki ko la li lo ma mi mo na ne no pa ra ri ro sa si so ta ti to va vi wu za zo"
).split()
_ROUND = (1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 100, 120, 150, 180, 200, 250, 300, 500, 1000)


def word(rng: random.Random) -> str:
    """A capitalized word; one in six is invented, so that copying does not depend on knowing it."""
    if rng.random() < 0.16:
        return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 4))).capitalize()
    return rng.choice(NOUNS)


def instance_name(rng: random.Random) -> str:
    """A name as people give parts, folders and models, in the styles they use."""
    first = word(rng)
    style = rng.random()
    if style < 0.25:
        return first
    second = rng.choice(THINGS) if rng.random() < 0.5 else word(rng)
    if style < 0.75:
        return first + second
    if style < 0.83:
        return f"{first}_{second}"
    if style < 0.9:
        return f"{first}{second}{rng.randint(1, 99)}"
    if style < 0.95:
        return first + second + word(rng)
    return (first[0].lower() + first[1:]) + second


def integer(rng: random.Random, low: int, high: int) -> int:
    """Small and round numbers are what people ask for; the rest must work too."""
    if rng.random() < 0.5:
        near = [number for number in _ROUND if low <= number <= high]
        if near:
            return rng.choice(near)
    return rng.randint(low, high)


def message(rng: random.Random) -> str:
    text = rng.choice(_MESSAGES)
    if rng.random() < 0.3:
        text = f"{word(rng)} {text[0].lower()}{text[1:]}"
    return text + rng.choice(("", "", "!", "!", "."))
