"""Danger that is said outright in another language is answered too; who only speaks of death in one is not."""

import time

import pytest

from emmaus.chat.care import KINDS, _in_others, crisis, folded, lettered, outright, spoken
from emmaus.packs import SHIPPED, load_pack

IN_DANGER = {
    "German": [
        "Ich bringe mich heute um",
        "ich will sterben",
        "Ich möchte einfach nicht mehr leben.",
        "ich moechte mich umbringen",
        "Mein Mann schlägt mich jeden Tag",
        "Ich wurde gestern vergewaltigt.",
        "Ich habe zu viele Tabletten geschluckt",
        "Mein Vater atmet nicht mehr!",
        "Ich werde ihn umbringen",
        "ich nehme mir heute das leben",
    ],
    "French": [
        "Je veux me tuer ce soir",
        "je veux mourir",
        "J’ai envie de mourir, aide-moi",
        "je ne veux plus vivre",
        "Mon mari me frappe",
        "J'ai été violée",
        "j'ai avalé une boîte de somnifères",
        "Mon bébé ne respire plus",
        "Je vais le tuer",
        "jveux mourir",
    ],
    "Spanish": [
        "Quiero morir",
        "quiero matarme esta noche",
        "Ya no quiero vivir más",
        "me quiero morir",
        "Mi esposo me golpea todos los días",
        "Fui violada ayer",
        "Me tomé un frasco de pastillas",
        "Mi hijo no está respirando",
        "Voy a matarlo",
        "kiero suicidarme",
    ],
    "Portuguese": [
        "Quero morrer",
        "eu quero me matar hoje",
        "Não quero mais viver",
        "nao aguento mais viver",
        "Meu marido me bate",
        "Fui estuprada",
        "Tomei uma caixa de comprimidos",
        "Minha mãe não está respirando",
        "Vou matá-lo",
        "penso em suicidar-me",
    ],
    "Italian": [
        "Voglio morire",
        "voglio uccidermi stasera",
        "Non voglio più vivere",
        "vorrei farla finita",
        "Mio marito mi picchia",
        "Sono stata violentata",
        "Ho preso troppe pillole",
        "Mio figlio non respira",
        "Voglio ucciderlo",
        "ho pensieri suicidi",
    ],
    "Dutch": [
        "Ik wil dood",
        "ik wil niet meer leven",
        "Ik ga mezelf van kant maken",
        "ik wil zelfmoord plegen",
        "Mijn man slaat me",
        "Ik ben gisteren verkracht",
        "Ik heb een overdosis genomen",
        "Mijn baby ademt niet",
        "Ik ga hem vermoorden",
        "Ik maak er een einde aan",
    ],
    "Polish": [
        "Chcę umrzeć",
        "chce sie zabic",
        "Nie chcę już żyć",
        "Dzisiaj się zabiję",
        "Mój mąż mnie bije",
        "Zostałam zgwałcona",
        "Wzięłam całe opakowanie tabletek",
        "Moje dziecko nie oddycha",
        "Zabiję go",
        "mam mysli samobojcze",
    ],
    "Russian": [
        "Я хочу умереть",
        "хочу покончить с собой",
        "Я не хочу больше жить",
        "сегодня я убью себя",
        "Мой муж меня бьёт",
        "Меня изнасиловали",
        "Я выпила пачку таблеток",
        "Мой ребёнок не дышит",
        "Я его убью",
        "у меня мысли о самоубийстве",
    ],
    "Ukrainian": [
        "Я хочу померти",
        "хочу вбити себе",
        "Я не хочу більше жити",
        "хочу накласти на себе руки",
        "Мій чоловік мене б'є",
        "Мене зґвалтували",
        "Я випила пачку таблеток",
        "Моя дитина не дихає",
        "Я хочу його вбити",
        "покінчу з собою",
    ],
    "Chinese": [
        "我想死",
        "我今晚要自杀",
        "我不想活了",
        "我 真的 好想 死",
        "我老公打我",
        "我被强奸了",
        "我吃了太多安眠药",
        "我爸爸没有呼吸了",
        "我要杀了他",
        "我想結束自己的生命",
    ],
    "Japanese": [
        "死にたい",
        "もう生きていたくない",
        "自殺したい",
        "疲れて死にたいです。",
        "夫に殴られています",
        "レイプされました",
        "睡眠薬を大量に飲んだ",
        "赤ちゃんが息をしていない",
        "あいつを殺してやる",
        "しにたい",
    ],
    "Korean": [
        "죽고 싶어요",
        "나 오늘 죽고싶어",
        "자살하고 싶어",
        "더 이상 살고 싶지 않아요",
        "남편이 저를 때려요",
        "성폭행을 당했어요",
        "수면제를 너무 많이 먹었어요",
        "아기가 숨을 안 쉬어요",
        "그를 죽여버릴 거야",
        "너무 죽고 싶다",
    ],
    "Arabic": [
        "أريد أن أموت",
        "اريد ان اقتل نفسي",
        "لا أريد أن أعيش",
        "سأنتحر الليلة",
        "زوجي يضربني",
        "لقد اغتصبني عمي",
        "تناولت جرعة زائدة",
        "ابني لا يتنفس",
        "سأقتله",
        "أفكر في الانتحار",
    ],
    "Hindi": [
        "मैं मरना चाहता हूँ",
        "मैं आत्महत्या करना चाहती हूं",
        "मैं अब जीना नहीं चाहता",
        "मैं खुद को मारना चाहता हूँ",
        "मेरे पति मुझे मारते हैं",
        "मेरे साथ बलात्कार हुआ",
        "मैंने बहुत सारी नींद की गोलियां खा ली हैं",
        "मेरे पिता सांस नहीं ले रहे हैं",
        "मैं उसे मार डालूंगा",
        "main marna chahta hoon",
    ],
    "Turkish": [
        "Ölmek istiyorum",
        "kendimi öldürmek istiyorum",
        "Artık yaşamak istemiyorum",
        "intihar etmek istiyorum",
        "Kocam beni dövüyor",
        "Tecavüze uğradım",
        "Aşırı doz aldım",
        "Bebeğim nefes almıyor",
        "Onu öldüreceğim",
        "KENDİMİ ÖLDÜRECEĞİM",
    ],
}
SAFE = {
    "German": [
        "Warum wollte Saul sterben?",
        "Ich will nicht sterben.",
        "Ich habe Angst vor dem Sterben.",
        "Ich bringe mich in der Gemeinde ein",
        "Mein Bruder schlägt mich im Schach",
        "Ich habe heute meine Tabletten genommen",
        "Ist Selbstmord eine Sünde?",
        "Meine Mutter bringt mich um, wenn sie das sieht",
    ],
    "French": [
        "Pourquoi Saül s'est-il tué ?",
        "Je ne veux pas mourir.",
        "Je veux mourir à moi-même et vivre pour Dieu",
        "Mon frère me bat aux échecs",
        "J'ai pris mes médicaments ce matin",
        "Le suicide est-il un péché ?",
        "Je meurs de faim",
        "Je me tue au travail",
    ],
    "Spanish": [
        "¿Por qué se mató Saúl?",
        "No quiero morir.",
        "Quiero morir al pecado",
        "Me muero de hambre",
        "Mi hermano me gana al ajedrez",
        "El suicidio, ¿es pecado?",
        "Quiero vivir más cerca de Dios",
        "Ya no quiero vivir en pecado",
    ],
    "Portuguese": [
        "Por que Saul se matou?",
        "Não quero morrer.",
        "Quero morrer para o pecado",
        "Morro de fome",
        "O suicídio é pecado?",
        "Não quero mais viver com medo",
        "Meu irmão me bate no xadrez",
        "Ele bate à porta",
    ],
    "Italian": [
        "Perché Saul si è ucciso?",
        "Non voglio morire.",
        "Voglio morire al peccato",
        "Muoio di fame",
        "Il suicidio è peccato?",
        "Non voglio più vivere nella paura",
        "Devo morire a me stesso?",
        "Mi ammazzo di lavoro",
    ],
    "Dutch": [
        "Waarom wilde Saul sterven?",
        "Ik wil niet dood.",
        "Ik wil sterven aan mezelf",
        "Is zelfmoord een zonde?",
        "Mijn broer slaat me met schaken",
        "Ik heb vandaag mijn pillen genomen",
        "Ik wil niet meer in angst leven",
        "Ik ga dood van de honger",
    ],
    "Polish": [
        "Dlaczego Saul się zabił?",
        "Nie chcę umrzeć.",
        "Chcę umrzeć dla grzechu",
        "Czy samobójstwo jest grzechem?",
        "Nie chcę już żyć w strachu",
        "Wziąłem dziś swoje leki",
        "Brat bije mnie w szachy",
        "Umieram z głodu",
    ],
    "Russian": [
        "Почему Саул убил себя?",
        "Я не хочу умереть.",
        "Я хочу умереть для греха",
        "Самоубийство — это грех?",
        "Я боюсь смерти",
        "Не хочу больше жить в страхе",
        "Я выпил свои таблетки утром",
        "Умираю с голоду",
    ],
    "Ukrainian": [
        "Чому Саул убив себе?",
        "Я не хочу померти.",
        "Хочу померти для гріха",
        "Чи є самогубство гріхом?",
        "Я боюся смерті",
        "Не хочу більше жити у страху",
        "Брат б'є мене в шахи",
        "Вмираю з голоду",
    ],
    "Chinese": [
        "扫罗为什么自杀?",
        "我不想死",
        "自杀是罪吗?",
        "我想死海一定很美",
        "他打我电话",
        "我今天吃了药",
        "我怕死",
        "我想知道耶稣为什么死了",
    ],
    "Japanese": [
        "サウルはなぜ自殺したのですか",
        "死にたくない",
        "自殺は罪ですか",
        "エリヤはなぜ死にたいと言ったのですか",
        "今朝薬を飲みました",
        "キリストのために死にたい",
        "死ぬのが怖いです",
        "弟に勝ちたい",
    ],
    "Korean": [
        "사울은 왜 자살했나요?",
        "죽고 싶지 않아요",
        "자살은 죄인가요?",
        "엘리야는 왜 죽고 싶다고 했나요?",
        "오늘 약을 먹었어요",
        "죽음이 두려워요",
        "배고파 죽겠어요",
        "예수님은 왜 돌아가셨나요?",
    ],
    "Arabic": [
        "لماذا قتل شاول نفسه؟",
        "لا أريد أن أموت",
        "هل الانتحار خطيئة؟",
        "أخاف من الموت",
        "تناولت دوائي هذا الصباح",
        "أريد أن أموت عن الخطيئة في سبيل الله",
        "أخي يغلبني في الشطرنج",
        "كيف مات شاول؟",
    ],
    "Hindi": [
        "शाऊल ने आत्महत्या क्यों की?",
        "मैं मरना नहीं चाहता",
        "क्या आत्महत्या पाप है?",
        "मुझे मौत से डर लगता है",
        "मैंने आज दवा खा ली",
        "यीशु क्यों मरे?",
        "मैं शांति से जीना चाहता हूँ",
        "मेरे भाई मुझे शतरंज में हराते हैं",
    ],
    "Turkish": [
        "Saul neden kendini öldürdü?",
        "Ölmek istemiyorum.",
        "İntihar günah mı?",
        "Ölümden korkuyorum",
        "Bugün ilacımı aldım",
        "Açlıktan ölüyorum",
        "İmanım için ölmek istiyorum",
        "Korku içinde yaşamak istemiyorum",
    ],
}
KIND = {0: "self-harm", 4: "abuse", 6: "emergency", 7: "emergency", 8: "violence"}


def each(said):
    return [pytest.param(text, id=f"{language}: {text}") for language, texts in said.items() for text in texts]


@pytest.mark.parametrize("text", each(IN_DANGER))
def test_danger_that_is_said_outright_in_another_language_is_recognised(text):
    found = outright(text)
    assert found
    assert found.probability == 1.0
    assert crisis(f"Shalom, David.\n\n{text}\n") == found == outright(text.upper())


@pytest.mark.parametrize("text", each(SAFE))
def test_talk_about_death_in_another_language_is_none(text):
    assert outright(text) is None


@pytest.mark.parametrize("language", IN_DANGER)
def test_each_kind_of_danger_is_told_apart(language):
    assert {place: outright(IN_DANGER[language][place]).kind for place in KIND} == KIND
    assert set(KIND.values()) == set(KINDS)


@pytest.mark.parametrize(
    "text", ["i want 2 d1e", "i wanna k1ll mys3lf", "im gonna k1ll my$elf tonight", "I feel su1c1dal"]
)
def test_digits_for_letters_do_not_hide_it(text):
    assert outright(text).kind == "self-harm"


def test_numbers_stay_numbers():
    assert lettered("psalm 23 and 2 kings 5 at 10.30") == "psalm 23 and 2 kings 5 at 10.30"


def test_accents_may_be_left_out():
    accented = ("French", "Spanish", "Portuguese", "Italian", "Polish", "Turkish")
    said = [text for language in accented for text in IN_DANGER[language]]
    assert [text for text in said if not outright(folded(text))] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_in_a_pack_is_taken_for_danger_in_another_language(name):
    pack = load_pack(name)
    texts = [*pack.corpus().lines().values()]
    for slug in pack.characters:
        texts += [said for one in pack.starters(slug) for turn in one.turns for said in (turn.question, turn.answer)]
        texts += [wording for several in pack.wordings(slug).values() for wording in several]
    assert [text for text in texts if _in_others(folded(spoken(text)))] == []


@pytest.mark.parametrize(
    "words", ["ich ", "ich will nur ", "je veux vraiment ", "我真的", "죽고", "मैं बस ", "mi madre "]
)
def test_the_patterns_take_time_in_proportion_to_the_length(words):
    began = time.perf_counter()
    assert outright(words * 3_000 + "sheep") is None
    assert time.perf_counter() - began < 5
