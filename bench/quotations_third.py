# ruff: noqa: E501
"""The third part of what is planted: carriers, sayings and word lists that nothing was tuned on."""

AFTER = [
    "{o}{q}{c} ({r})", "I was told once: {o}{q}{c} ({r}, {t}).", "{o}{q}{c} \u2013 {r}", "What does {o}{q}{c} ({r}) mean to you?",
    "{o}{q}{c} [{r}]", "> {q}\n> ({r})", "You know the verse {o}{q}{c} from {r}.", "{o}{q},{c} {r} says.", "{o}{q}{c}, as we read in {r}.",
    "Our hope is this, {o}{q}{c} ({r}; {t}), and it holds.", "{o}{q}{c} (from {r})", "{o}{q}{c} can be found in {r}.",
]  # fmt: skip
BEFORE = [
    "{r} declares: {o}{q}{c}", "Listen to {r}: {o}{q}{c}", "{r} puts it this way: {o}{q}{c}", "In {r} it says {o}{q}{c}", "{r} ({t}): {q}",
    "{r}\n{o}{q}{c}", "When I despaired, {r} told me: {o}{q}{c}", "Look up {r}, where it is written, {o}{q}{c}", "{r}: {o}{q}{c}",
]  # fmt: skip
CITED = ["Scripture declares: {o}{q}{c}", "God says, {o}{q}{c}", "The Bible tells us: {o}{q}{c}", "The apostle writes, {o}{q}{c}", "{o}{q},{c} as the Bible says."]  # fmt: skip
BARE = ["The stone bore the words {o}{q}{c} in red.", "{o}{q}{c} I hold on to that."]
FILLERS = [
    "It is good that you came.", "The harvest was late that year.", "I know that ache.", "", "",
    "My brothers laughed when I said I would go, and then they helped me pack.", "Ask me again in the morning.",
]  # fmt: skip
EVERYDAY = [
    "Did you lock the door?", "I would rather stay here with the children", "Tell him that I will not sell the field", "never", "My back hurts and the bed is hard",
    "We are out of oil again", "When will you come back to us?", "You should have told me before", "It was the best year of my life", "Look at the state of this kitchen",
    "I do not believe a word of it", "Sorry", "Her brother is a teacher in the city", "May I borrow your donkey until Friday?", "This is not what I asked for",
    "They say the king is ill", "quality time", "I have lost my job and my house", "How old is your daughter now?", "Let me think about it",
]  # fmt: skip
DIALOGUES = ["My wife laughed: \u201c{q}\u201d", "\u201c{q},\u201d he whispered.", 'The merchant said "{q}" and left.', "Somebody wrote \u2018{q}\u2019 on the wall."]  # fmt: skip
ALONE = [
    "Try {r} when you cannot sleep.",
    "We talked about {r} for an hour.",
    "I learned it from {r}.",
    "{r} is a good place to begin.",
]
INVENTED = [
    "Honesty is the best policy", "The early bird catches the worm", "A penny saved is a penny earned by the faithful", "Walk softly and carry a big stick",
    "Pray as if everything depended on the weather", "Gardens grow where gossip dies", "He that buys the vineyard cheaply sleeps without dreams",
    "Technology shall set your schedule free", "You miss every arrow that you never shoot", "The shepherd who counts coins forgets the wolves",
    "Where there is a will there is a way", "Love thy hobby above thine office", "Be the change that you wish to see",
]  # fmt: skip
NOWHERE = ["Luke 25:3", "Psalm 119:200", "James 6:1", "Galatians 7:7", "Obadiah 2:1", "Judith 8:3", "Micah 8:8", "4 Kings 2:1", "Barnabas 3:6", "Acts 29:1"]  # fmt: skip
ADDED = [
    "after supper",
    "with no exceptions",
    "under the old fig tree",
    "and all the neighbours too",
    "for a fair price",
    "in the third month",
]
_PAIRS = (
    "good:cheap love:envy light:fog life:misery father:grandfather son:nephew man:child all:few king:judge God:Zeus LORD:emperor Yahweh:Chemosh "
    "Jehovah:Chemosh Jesus:Herod Israel:Edom David:Absalom two:four three:nine seven:six ten:eleven day:hour heart:kidneys earth:island people:soldiers "
    "hand:beard house:ship righteous:lazy wicked:clever come:hide peace:noise joy:pity Moses:Jethro Jerusalem:Damascus water:vinegar bread:figs "
    "city:desert give:lend take:leave hear:smell know:doubt servant:captain brother:cousin truth:gossip strong:sick holy:noisy mountain:swamp "
    "blessed:tired poor:famous soul:stomach eyes:knees name:shadow word:silence said:shouted great:average shall:cannot will:cannot not:gladly"
)
CHANGES = dict(pair.split(":") for pair in _PAIRS.split())
PARAPHRASES = """
Matthew 4:4|Bread is not all that people live on; they live on each word that God speaks
Psalm 19:1|The skies tell of the glory of God and what his hands made is shown above
Psalm 103:12|He took our sins as far from us as the east is from the west
Proverbs 1:7|Knowledge starts with fearing the Lord, while fools hate wisdom and instruction
Proverbs 18:10|The name of the Lord is like a strong tower where the righteous run and find safety
Isaiah 1:18|Let us talk it over, says the Lord: red sins can become white as snow
Isaiah 55:6|Look for the Lord while you can find him, and call on him when he is close
Matthew 5:14|You light up the world; nobody can hide a city that stands on a hill
Matthew 7:7|If you ask you will get it, if you look you will find it, knock and the door opens
Mark 10:27|People cannot do it, yet God can, because for God all is possible
Luke 12:15|Be careful and guard against greed, for a life is not made of the many things someone owns
John 1:1|From the start there was the Word, who was with God and who was God
John 8:12|I light the world, and my followers will never walk in the dark but will have living light
John 15:13|Nobody loves more than a man who lays his life down for friends
Romans 5:1|Because faith has put us right, we are at peace with God through our Lord Jesus Christ
1 Corinthians 15:55|Death, what became of your sting, and grave, who sees your victory now
2 Corinthians 12:9|My grace is enough for you, since my power shows itself best when you are weak
Galatians 6:7|Do not fool yourselves: God is not mocked, and people harvest what they sow
Hebrews 4:12|What God says is living and active and cuts sharper than a sword with two edges
1 John 4:19|Our love comes from his, as he loved us before
Exodus 14:14|The Lord is going to fight on your side, all you do is keep quiet
Job 1:21|Naked I was when my mother bore me and naked I will go; the Lord gave and he took away, may his name be blessed
"""
"""Reference and words."""
