//! The event lexicon: which words may trigger which category, with modes, CAMEO codes, counts and the slots of the parties.
//!
//! The knowledge lives in `data/events/CATEGORY.toml`; this file holds the reasoning over it. The lexicon is a prior for the
//! learned tagger and a baseline of its own ([`Lexicon::find`]).

use crate::ontology::{EventType, Mode};
use crate::record::SizeKind;
use crate::{Document, Error, Result, Span};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

/// The data files, one per category, in the order of PLOVER's manual.
const FILES: [(&str, &str); 16] = [
    ("AGREE.toml", include_str!("../data/events/AGREE.toml")),
    ("CONSULT.toml", include_str!("../data/events/CONSULT.toml")),
    ("SUPPORT.toml", include_str!("../data/events/SUPPORT.toml")),
    ("CONCEDE.toml", include_str!("../data/events/CONCEDE.toml")),
    ("COOPERATE.toml", include_str!("../data/events/COOPERATE.toml")),
    ("AID.toml", include_str!("../data/events/AID.toml")),
    ("RETREAT.toml", include_str!("../data/events/RETREAT.toml")),
    ("REQUEST.toml", include_str!("../data/events/REQUEST.toml")),
    ("ACCUSE.toml", include_str!("../data/events/ACCUSE.toml")),
    ("REJECT.toml", include_str!("../data/events/REJECT.toml")),
    ("THREATEN.toml", include_str!("../data/events/THREATEN.toml")),
    ("PROTEST.toml", include_str!("../data/events/PROTEST.toml")),
    ("SANCTION.toml", include_str!("../data/events/SANCTION.toml")),
    ("MOBILIZE.toml", include_str!("../data/events/MOBILIZE.toml")),
    ("COERCE.toml", include_str!("../data/events/COERCE.toml")),
    ("ASSAULT.toml", include_str!("../data/events/ASSAULT.toml")),
];

/// How many tokens around a trigger may hold a word that rules it out ("heart attack").
const UNLESS_WINDOW: usize = 4;
/// How many tokens to either side of a trigger are looked at: more than any sentence of news, so that a text without
/// sentence ends costs no more than its length.
const REACH: usize = 150;
/// How many words may stand between the words of a verbal trigger ("shut the whole plant down").
const GAP: usize = 3;
/// Words of a multiword trigger that are left out when it is matched: they vary freely ("lay down their arms").
const FILLERS: [&str; 10] = ["a", "an", "the", "his", "her", "its", "their", "one", "my", "our"];

/// Where a party stands, seen from the trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Logical subject: the subject of an active verb, the "by" phrase of a passive one.
    Subject,
    /// Logical object: the object of an active verb, the subject of a passive one.
    Object,
    /// Indirect object ("gave the rebels arms").
    IndirectObject,
    /// Possessor ("the army's attack").
    Possessor,
    /// Word before a noun in a compound or as adjective ("police raid", "Russian attack").
    Modifier,
    /// Phrase with that preposition ("against").
    Phrase(Preposition),
}

/// A preposition that may introduce a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Preposition {
    By,
    Of,
    On,
    Against,
    With,
    Between,
    From,
    To,
    In,
    At,
    For,
    Over,
    Into,
    Near,
    Along,
    Outside,
    About,
    Around,
    Off,
}

impl Preposition {
    const NAMES: [(&'static str, Preposition); 19] = [
        ("by", Preposition::By),
        ("of", Preposition::Of),
        ("on", Preposition::On),
        ("against", Preposition::Against),
        ("with", Preposition::With),
        ("between", Preposition::Between),
        ("from", Preposition::From),
        ("to", Preposition::To),
        ("in", Preposition::In),
        ("at", Preposition::At),
        ("for", Preposition::For),
        ("over", Preposition::Over),
        ("into", Preposition::Into),
        ("near", Preposition::Near),
        ("along", Preposition::Along),
        ("outside", Preposition::Outside),
        ("about", Preposition::About),
        ("around", Preposition::Around),
        ("off", Preposition::Off),
    ];

    fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, p)| *p)
    }
}

impl Slot {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "subject" => Some(Slot::Subject),
            "object" => Some(Slot::Object),
            "iobject" => Some(Slot::IndirectObject),
            "poss" => Some(Slot::Possessor),
            "modifier" => Some(Slot::Modifier),
            other => Preposition::from_name(other).map(Slot::Phrase),
        }
    }
}

/// Which slots of a trigger hold its parties, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Slots of the actor.
    pub actor: Vec<Slot>,
    /// Slots of the recipient.
    pub recipient: Vec<Slot>,
    /// Slots of what the trigger's figure counts ("*400 soldiers* were deployed").
    pub counts: Vec<Slot>,
}

/// How far a word alone tells its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// Many senses, and nothing in the sentence speaks for this one.
    Weak,
    /// Many senses, and another word of the sentence speaks for this one.
    Supported,
    /// Nearly always this category in news.
    Strong,
}

/// A reading of a word as the trigger of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<'l> {
    /// Category.
    pub event: EventType,
    /// Mode that the word itself gives.
    pub mode: Option<Mode>,
    /// CAMEO code of the word.
    pub cameo: &'l str,
    /// How far the word alone tells the category.
    pub strength: Strength,
    /// What a figure in its counted slot counts.
    pub size: Option<SizeKind>,
    /// Where its parties stand.
    pub frame: &'l Frame,
    /// The trigger's words that stand together.
    pub words: Span,
    /// Index of the token that carries the syntax: the verb, or the last noun.
    pub head: usize,
    /// Number of words matched, fillers left out.
    pub length: usize,
}

/// What a sentence of a data file shows: a category it must yield at given words, or that it must yield none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The file's category.
    pub event: EventType,
    /// The sentence.
    pub text: String,
    /// The trigger's words and its modes; empty for a sentence to be left alone.
    pub triggers: Vec<(Span, Vec<Mode>)>,
    /// Words whose part of speech keeps them from being triggers ("Fine/ADJ weather" in the file).
    pub parts_of_speech: Vec<(Span, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileData {
    event: String,
    cameo: String,
    #[allow(dead_code, reason = "for readers of the file")]
    description: String,
    #[serde(default)]
    modes: BTreeMap<String, ModeData>,
    trigger: Vec<TriggerData>,
    #[serde(default)]
    counted: BTreeMap<String, String>,
    #[allow(dead_code, reason = "read by `examples`")]
    examples: ExampleData,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModeData {
    cameo: String,
    words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggerData {
    #[serde(default)]
    verb: String,
    #[serde(default)]
    noun: String,
    #[serde(default)]
    adj: String,
    mode: Option<String>,
    cameo: Option<String>,
    #[serde(default)]
    weak: bool,
    actor: Option<String>,
    recipient: Option<String>,
    counts: Option<String>,
    size: Option<String>,
    #[serde(default)]
    needs: String,
    #[serde(default)]
    unless: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleData {
    find: Vec<String>,
    leave: Vec<String>,
}

/// A `[[trigger]]` table of a data file: what its words share.
#[derive(Debug)]
struct Group {
    event: EventType,
    mode: Option<Mode>,
    cameo: String,
    weak: bool,
    size: Option<SizeKind>,
    verbal: Frame,
    nominal: Frame,
    needs: Words,
    unless: Words,
}

/// Words to look for: single ones by set, longer ones in order.
#[derive(Debug, Default)]
struct Words {
    single: HashSet<String>,
    longer: Vec<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Verb,
    Noun,
    Adjective,
}

impl Class {
    fn fits(self, upos: &str) -> bool {
        match self {
            Class::Verb => upos == "VERB",
            Class::Noun => matches!(upos, "NOUN" | "PROPN"),
            Class::Adjective => matches!(upos, "ADJ" | "VERB"),
        }
    }
}

#[derive(Debug)]
struct Entry {
    words: Vec<String>,
    class: Class,
    group: usize,
}

#[derive(Debug)]
struct Evidence {
    mode: Mode,
    words: Vec<String>,
}

/// All triggers, mode words and codes of the data files.
///
/// # Example
/// ```
/// use dateline::lexicon::Lexicon;
/// use dateline::record::SizeKind;
/// let lexicon = Lexicon::embedded();
/// assert_eq!(lexicon.size_kind("detain", "VERB"), Some(SizeKind::Arrested));
/// ```
#[derive(Debug)]
pub struct Lexicon {
    groups: Vec<Group>,
    entries: Vec<Entry>,
    /// Word to (entry, which of its words).
    index: HashMap<String, Vec<(u32, u8)>>,
    evidence: HashMap<EventType, HashMap<String, Vec<Evidence>>>,
    roots: HashMap<EventType, String>,
    mode_codes: HashMap<Mode, String>,
    counted: HashMap<String, SizeKind>,
}

impl Lexicon {
    /// The lexicon built into the library, read on first use.
    ///
    /// # Panics
    /// Where an embedded file is damaged, which the tests rule out.
    pub fn embedded() -> &'static Lexicon {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(|| Lexicon::read(&FILES).unwrap_or_else(|error| panic!("embedded lexicon: {error}")))
    }

    /// Reads data files given as (name, content).
    ///
    /// # Errors
    /// [`Error::Data`] for a file that is not TOML of the expected form or names an unknown category, mode, slot or count.
    pub fn read(files: &[(&str, &str)]) -> Result<Lexicon> {
        let mut lexicon = Lexicon {
            groups: Vec::new(),
            entries: Vec::new(),
            index: HashMap::new(),
            evidence: HashMap::new(),
            roots: HashMap::new(),
            mode_codes: HashMap::new(),
            counted: HashMap::new(),
        };
        for (name, content) in files {
            let data: FileData = toml::from_str(content).map_err(|e| damaged(name, e.to_string()))?;
            lexicon.add_file(name, data)?;
        }
        for (i, entry) in lexicon.entries.iter().enumerate() {
            for (k, word) in entry.words.iter().enumerate() {
                if k == 0 || !is_function_word(word) {
                    lexicon.index.entry(word.clone()).or_default().push((i as u32, k as u8));
                }
            }
        }
        Ok(lexicon)
    }

    fn add_file(&mut self, name: &str, data: FileData) -> Result<()> {
        let event = EventType::from_name(&data.event)
            .ok_or_else(|| damaged(name, format!("event {:?} is none of PLOVER's sixteen", data.event)))?;
        for (mode_name, mode_data) in data.modes {
            let mode = mode_of(name, event, &mode_name)?;
            let evidence = self.evidence.entry(event).or_default();
            for words in phrases(&mode_data.words) {
                evidence.entry(words[0].clone()).or_default().push(Evidence { mode, words });
            }
            self.mode_codes.insert(mode, mode_data.cameo);
        }
        for (kind_name, words) in data.counted {
            let kind = size_of(name, &kind_name)?;
            self.counted.extend(words.split(',').map(|word| (word.trim().to_owned(), kind)));
        }
        for trigger in data.trigger {
            self.add_trigger(name, event, &data.cameo, trigger)?;
        }
        self.roots.insert(event, data.cameo);
        Ok(())
    }

    fn add_trigger(&mut self, name: &str, event: EventType, root: &str, data: TriggerData) -> Result<()> {
        let size = data.size.as_deref().map(|kind| size_of(name, kind)).transpose()?;
        let frame = |actor: &str, recipient: &str| -> Result<Frame> {
            let actor = slots(name, data.actor.as_deref().unwrap_or(actor))?;
            let recipient = slots(name, data.recipient.as_deref().unwrap_or(recipient))?;
            let counts = match (&data.counts, size) {
                (Some(text), _) => slots(name, text)?,
                (None, Some(SizeKind::Participants)) => actor.clone(),
                _ => recipient.clone(),
            };
            Ok(Frame { actor, recipient, counts })
        };
        let group = self.groups.len();
        for (text, class) in [(&data.verb, Class::Verb), (&data.noun, Class::Noun), (&data.adj, Class::Adjective)] {
            for words in phrases(text) {
                if let (Some(kind), [word]) = (size, words.as_slice()) {
                    self.counted.entry(word.clone()).or_insert(kind);
                }
                self.entries.push(Entry { words, class, group });
            }
        }
        self.groups.push(Group {
            event,
            mode: data.mode.as_deref().map(|mode| mode_of(name, event, mode)).transpose()?,
            cameo: data.cameo.clone().unwrap_or_else(|| root.to_owned()),
            weak: data.weak,
            size,
            verbal: frame("subject by", "object")?,
            nominal: frame("by poss modifier", "on against of")?,
            needs: Words::read(&data.needs),
            unless: Words::read(&data.unless),
        });
        Ok(())
    }

    /// The readings of the token at `index` as a trigger or as a content word of one, strongest and longest first; empty where
    /// the lexicon knows none or every one is ruled out by a neighbour.
    pub fn triggers(&self, doc: &Document, index: usize) -> Vec<Candidate<'_>> {
        let Some(token) = doc.tokens.get(index) else { return Vec::new() };
        let form = token.span.of(&doc.report.text).to_lowercase();
        let lemma = token.lemma.to_lowercase();
        let plural = format!("{lemma}s");
        let mut keys = vec![lemma.as_str()];
        for key in [form.as_str(), plural.as_str()] {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let mut found: Vec<Candidate<'_>> = Vec::new();
        for &(entry, offset) in keys.iter().filter_map(|key| self.index.get(*key)).flatten() {
            let candidate = self.candidate(doc, index, &self.entries[entry as usize], offset as usize);
            found.extend(candidate.filter(|c| !found.contains(c)));
        }
        found.sort_by_key(|c| std::cmp::Reverse((c.length, c.strength)));
        found
    }

    fn candidate<'l>(&'l self, doc: &Document, index: usize, entry: &Entry, offset: usize) -> Option<Candidate<'l>> {
        let tokens = match_words(doc, index, entry, offset)?;
        let head = if entry.class == Class::Noun { *tokens.last()? } else { tokens[0] };
        let several = tokens.len() > 1;
        let fits = entry.class.fits(doc.tokens[head].upos);
        if !fits && !(several && entry.class.fits(doc.tokens[tokens[0]].upos)) {
            return None;
        }
        if doc.tokens[head].upos == "PROPN" && !several && !in_title(doc, head) {
            return None; // "March", "Operation": capitals are no proof of a name only where every word has one.
        }
        let group = &self.groups[entry.group];
        let sentence = sentence_of(doc, head);
        let near = head.saturating_sub(UNLESS_WINDOW).max(sentence.start)..(head + UNLESS_WINDOW + 1).min(sentence.end);
        if group.unless.occur(doc, near, &tokens) {
            return None;
        }
        let strength = match group.weak {
            false => Strength::Strong,
            true if group.needs.occur(doc, sentence, &tokens) => Strength::Supported,
            true => Strength::Weak,
        };
        let together = tokens.windows(2).take_while(|pair| pair[1] == pair[0] + 1).count();
        Some(Candidate {
            event: group.event,
            mode: group.mode,
            cameo: &group.cameo,
            strength,
            size: group.size,
            frame: if entry.class == Class::Noun { &group.nominal } else { &group.verbal },
            words: doc.tokens[tokens[0]].span.cover(doc.tokens[tokens[together]].span),
            head,
            length: tokens.len(),
        })
    }

    /// The baseline reading of a whole document: for every trigger that is strong or supported, its first reading; no two
    /// share a word.
    pub fn find(&self, doc: &Document) -> Vec<Candidate<'_>> {
        let mut found: Vec<Candidate<'_>> = Vec::new();
        for index in 0..doc.tokens.len() {
            let best = self.triggers(doc, index).into_iter().find(|c| c.strength >= Strength::Supported);
            let Some(best) = best else { continue };
            match found.last_mut() {
                Some(last) if last.words.overlaps(best.words) => {
                    if best.length > last.length {
                        *last = best;
                    }
                }
                _ => found.push(best),
            }
        }
        found
    }

    /// The modes of `event` for which there are words among the tokens of `range` (a sentence, a neighbourhood), each with its
    /// first words; a word inside a longer one ("bomber" in "suicide bomber") does not count.
    pub fn modes(&self, doc: &Document, event: EventType, range: Range<usize>) -> Vec<(Mode, Span)> {
        let Some(evidence) = self.evidence.get(&event) else { return Vec::new() };
        let mut hits: Vec<(Mode, Span)> = Vec::new();
        for index in range.start..range.end.min(doc.tokens.len()) {
            for key in token_keys(doc, index) {
                for item in evidence.get(&key).into_iter().flatten() {
                    if follows(doc, index, &item.words, range.end) {
                        let last = index + item.words.len() - 1;
                        hits.push((item.mode, doc.tokens[index].span.cover(doc.tokens[last].span)));
                    }
                }
            }
        }
        let spans: Vec<Span> = hits.iter().map(|(_, span)| *span).collect();
        hits.retain(|(_, span)| !spans.iter().any(|other| other != span && other.contains(*span)));
        let mut seen = HashSet::new();
        hits.retain(|(mode, _)| seen.insert(*mode));
        hits
    }

    /// The closest CAMEO code: the trigger's own where it agrees with `modes`, else that of the first mode that has one, else
    /// the category's.
    pub fn cameo(&self, event: EventType, modes: &[Mode], lemma: &str) -> &str {
        let root = self.roots.get(&event).map_or("", String::as_str);
        let own = self.index.get(lemma).into_iter().flatten().filter_map(|&(entry, _)| {
            let entry = &self.entries[entry as usize];
            let group = &self.groups[entry.group];
            let agrees = group.event == event && entry.words.len() == 1;
            let fits = group.mode.map_or(modes.is_empty(), |mode| modes.first() == Some(&mode));
            (agrees && fits && group.cameo != root).then_some(group.cameo.as_str())
        });
        let of_mode = modes.iter().find_map(|mode| self.mode_codes.get(mode)).map(String::as_str);
        own.into_iter().next().or(of_mode).unwrap_or(root)
    }

    /// What a figure beside that word counts ("12 *wounded*", "*arrests*", "*death toll*" by its last word); `None` where the
    /// word counts nothing, or several things ("casualties").
    pub fn size_kind(&self, lemma: &str, upos: &str) -> Option<SizeKind> {
        let countable = matches!(upos, "NOUN" | "PROPN" | "VERB" | "ADJ" | "ADV");
        countable.then(|| self.counted.get(lemma).copied()).flatten()
    }

    /// The tokens that head the actors and the recipients of a candidate, read off its frame; each empty where no slot is filled.
    pub fn parties(&self, doc: &Document, candidate: &Candidate<'_>) -> (Vec<usize>, Vec<usize>) {
        let first = |slots: &[Slot]| {
            let filled = slots.iter().map(|slot| fillers(doc, candidate.head, *slot));
            filled.into_iter().find(|tokens| !tokens.is_empty()).unwrap_or_default()
        };
        (first(&candidate.frame.actor), first(&candidate.frame.recipient))
    }
}

/// The example sentences of the data files, in file order.
///
/// # Panics
/// Where an embedded file is damaged, which the tests rule out.
pub fn examples() -> Vec<Example> {
    let mut all = Vec::new();
    for (name, content) in FILES {
        let data: FileData = toml::from_str(content).unwrap_or_else(|error| panic!("{name}: {error}"));
        let event = EventType::from_name(&data.event).unwrap_or_else(|| panic!("{name}: event {:?}", data.event));
        all.extend(data.examples.find.iter().map(|line| example(name, event, line)));
        all.extend(data.examples.leave.iter().map(|line| left(event, line)));
    }
    all
}

/// Reads "Gunmen \[killed\] a guard. = firearms".
fn example(name: &str, event: EventType, line: &str) -> Example {
    let (marked, modes) = line.rsplit_once('=').unwrap_or_else(|| panic!("{name}: no \"=\" in {line:?}"));
    let modes = modes.split_whitespace().map(|mode| mode_of(name, event, mode));
    let modes: Vec<Mode> = modes.collect::<Result<_>>().unwrap_or_else(|error| panic!("{error}"));
    let (mut text, mut triggers, mut start) = (String::new(), Vec::new(), 0);
    for char in marked.trim().chars() {
        match char {
            '[' => start = text.len(),
            ']' => triggers.push((Span::new(start, text.len()), modes.clone())),
            other => text.push(other),
        }
    }
    Example { event, text, triggers, parts_of_speech: Vec::new() }
}

/// Reads "Fine/ADJ weather is expected."
fn left(event: EventType, line: &str) -> Example {
    let (mut text, mut parts_of_speech) = (String::new(), Vec::new());
    for piece in line.split_inclusive(' ') {
        let (word, upos) = piece.split_once('/').unwrap_or((piece, ""));
        let start = text.len();
        text.push_str(word);
        let name = upos.trim_end_matches(|c: char| !c.is_ascii_uppercase());
        if !name.is_empty() {
            parts_of_speech.push((Span::new(start, text.len()), name.to_owned()));
        }
        text.push_str(&upos[name.len()..]);
    }
    Example { event, text, triggers: Vec::new(), parts_of_speech }
}

impl Words {
    fn read(text: &str) -> Self {
        let (single, longer) = phrases(text).partition::<Vec<_>, _>(|words| words.len() == 1);
        Self { single: single.into_iter().flatten().collect(), longer }
    }

    /// Whether any of the words stands among the tokens of `range`, those of the trigger itself left out.
    fn occur(&self, doc: &Document, range: Range<usize>, trigger: &[usize]) -> bool {
        range.clone().filter(|index| !trigger.contains(index)).any(|index| {
            token_keys(doc, index).iter().any(|key| self.single.contains(key))
                || self.longer.iter().any(|words| follows(doc, index, words, range.end))
        })
    }
}

/// The tokens of an entry whose word number `offset` stands at `index`, in order; `None` where the others are missing. Words of
/// a verbal trigger may stand up to [`GAP`] words apart, no mark between; those of a noun stand together.
fn match_words(doc: &Document, index: usize, entry: &Entry, offset: usize) -> Option<Vec<usize>> {
    let sentence = sentence_of(doc, index);
    let gap = if entry.class == Class::Noun { 0 } else { GAP };
    let mut tokens = vec![index];
    for word in entry.words[..offset].iter().rev() {
        let from = tokens[0];
        let low = from.saturating_sub(gap + 1).max(sentence.start);
        let at =
            (low..from).rev().take_while(|&i| i + 1 == from || bridges(doc, i + 1)).find(|&i| is_word(doc, i, word))?;
        tokens.insert(0, at);
    }
    for word in &entry.words[offset + 1..] {
        let from = *tokens.last()? + 1;
        let high = (from + gap + 1).min(sentence.end);
        let at = (from..high).take_while(|&i| i == from || bridges(doc, i - 1)).find(|&i| is_word(doc, i, word))?;
        tokens.push(at);
    }
    Some(tokens)
}

fn in_title(doc: &Document, index: usize) -> bool {
    doc.report.title.is_some_and(|title| title.contains(doc.tokens[index].span))
}

/// Whether a token may stand inside a verbal trigger: no mark, no verb, no conjunction.
fn bridges(doc: &Document, index: usize) -> bool {
    let token = &doc.tokens[index];
    FILLERS.contains(&token.span.of(&doc.report.text))
        || !matches!(token.upos, "PUNCT" | "VERB" | "AUX" | "CCONJ" | "SCONJ" | "SYM")
}

fn is_word(doc: &Document, index: usize, word: &str) -> bool {
    token_keys(doc, index).iter().any(|key| key == word)
}

/// The spellings under which a token is looked up: lemma, form, and lemma with the plural s ("talks", "sanctions").
fn token_keys(doc: &Document, index: usize) -> [String; 3] {
    let token = &doc.tokens[index];
    let lemma = token.lemma.to_lowercase();
    let plural = format!("{lemma}s");
    [lemma, token.span.of(&doc.report.text).to_lowercase(), plural]
}

/// Whether `words` stand one after the other from `index` on, before `end`.
fn follows(doc: &Document, index: usize, words: &[String], end: usize) -> bool {
    let fits = index + words.len() <= end.min(doc.tokens.len());
    fits && words.iter().enumerate().all(|(k, word)| is_word(doc, index + k, word))
}

/// The tokens of the sentence around `index`, at most [`REACH`] to either side.
fn sentence_of(doc: &Document, index: usize) -> Range<usize> {
    let sentence = doc.tokens.get(index).and_then(|token| doc.sentences.get(token.sentence));
    let tokens = sentence.map_or(index..index + 1, |sentence| sentence.tokens.clone());
    let start = tokens.start.max(index.saturating_sub(REACH));
    start..tokens.end.min(index + REACH).min(doc.tokens.len()).max(start)
}

/// The tokens that head what fills `slot` of the trigger at `head`, coordinated ones included, in order.
pub fn fillers(doc: &Document, head: usize, slot: Slot) -> Vec<usize> {
    let sentence = sentence_of(doc, head);
    let children = |of: usize| sentence.clone().filter(move |&i| doc.tokens[i].head == Some(of));
    let relation = |i: usize| doc.tokens[i].deprel;
    let case = |i: usize| {
        let mark = children(i).find(|&c| relation(c) == "case");
        mark.map(|c| doc.tokens[c].lemma.to_lowercase()).unwrap_or_default()
    };
    let has = |i: usize, name: &str| children(i).any(|c| relation(c).starts_with(name));
    let passive = has(head, "nsubj:pass") || has(head, "aux:pass");
    let is_passive_agent = |i: usize| relation(i) == "obl:agent" || (relation(i).starts_with("obl") && case(i) == "by");
    let mut found: Vec<usize> = match slot {
        Slot::Subject if passive => children(head).filter(|&i| is_passive_agent(i)).collect(),
        Slot::Subject => subjects(doc, head, &sentence),
        Slot::Object => children(head).filter(|&i| matches!(relation(i), "obj" | "nsubj:pass")).collect::<Vec<_>>(),
        Slot::IndirectObject => children(head).filter(|&i| relation(i) == "iobj").collect(),
        Slot::Possessor => children(head).filter(|&i| relation(i) == "nmod:poss").collect(),
        Slot::Modifier => children(head)
            .filter(|&i| relation(i) == "compound" || (relation(i) == "amod" && doc.tokens[i].upos == "PROPN"))
            .collect(),
        Slot::Phrase(preposition) => children(head)
            .filter(|&i| relation(i).starts_with("obl") || relation(i).starts_with("nmod"))
            .filter(|&i| Preposition::from_name(&case(i)) == Some(preposition))
            .collect(),
    };
    if slot == Slot::Object && found.is_empty() {
        found.extend(modified_object(doc, head));
    }
    let conjuncts: Vec<usize> =
        found.iter().flat_map(|&i| children(i).filter(|&c| relation(c) == "conj").collect::<Vec<_>>()).collect();
    found.extend(conjuncts);
    found.sort_unstable();
    found.dedup();
    found
}

/// The subjects of an active verb: its own, that of the verb it continues or hangs on, or the noun a present participle
/// modifies; a relative pronoun stands for its noun.
fn subjects(doc: &Document, head: usize, sentence: &Range<usize>) -> Vec<usize> {
    let mut verb = head;
    for _ in 0..4 {
        let own: Vec<usize> = sentence
            .clone()
            .filter(|&i| doc.tokens[i].head == Some(verb) && matches!(doc.tokens[i].deprel, "nsubj" | "nsubj:outer"))
            .collect();
        let token = &doc.tokens[verb];
        if !own.is_empty() {
            let relative = matches!(doc.tokens[own[0]].lemma.as_str(), "who" | "which" | "that");
            return match token.head {
                Some(noun) if relative && token.deprel == "acl:relcl" => vec![noun],
                _ => own,
            };
        }
        match (token.deprel, token.head) {
            ("acl", Some(noun)) if token.span.of(&doc.report.text).ends_with("ing") => return vec![noun],
            ("xcomp" | "conj" | "advcl" | "parataxis" | "ccomp", Some(up)) => verb = up,
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

/// The noun that a past participle modifies ("the students *arrested* by police").
fn modified_object(doc: &Document, head: usize) -> Option<usize> {
    let token = &doc.tokens[head];
    let participle = token.upos == "VERB" && !token.span.of(&doc.report.text).ends_with("ing");
    (participle && matches!(token.deprel, "acl" | "amod")).then_some(token.head).flatten()
}

/// Splits a comma-separated list into phrases of words, fillers left out.
fn phrases(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    text.split(',').map(words_of).filter(|words| !words.is_empty())
}

fn words_of(phrase: &str) -> Vec<String> {
    let parts = phrase.split_whitespace().filter(|word| !FILLERS.contains(word));
    parts.map(str::to_lowercase).collect()
}

fn is_function_word(word: &str) -> bool {
    const SMALL: [&str; 24] = [
        "of", "to", "in", "on", "at", "off", "out", "up", "down", "for", "with", "from", "into", "over", "by", "back",
        "away", "through", "as", "not", "no", "be", "and", "it",
    ];
    SMALL.contains(&word)
}

fn mode_of(file: &str, event: EventType, name: &str) -> Result<Mode> {
    Mode::of(event, name).ok_or_else(|| damaged(file, format!("{} has no mode {name:?}", event.name())))
}

fn size_of(file: &str, name: &str) -> Result<SizeKind> {
    let kind = SizeKind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| damaged(file, format!("{name:?} is no kind of count; expected one such as \"dead\"")))
}

fn slots(file: &str, text: &str) -> Result<Vec<Slot>> {
    let slot = |name: &str| {
        Slot::from_name(name).ok_or_else(|| {
            damaged(file, format!("{name:?} is no slot; expected one such as \"subject\" or \"against\""))
        })
    };
    text.split_whitespace().map(slot).collect()
}

fn damaged(file: &str, message: String) -> Error {
    Error::Data { name: file.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Report, Sentence, Token};

    /// A document of one sentence from "form/UPOS/lemma/head/relation" (head counted from 1, 0 for none; the last two may be
    /// left out).
    fn parsed(words: &str) -> Document {
        let mut doc = Document::default();
        let mut text = String::new();
        for word in words.split_whitespace() {
            let mut parts = word.split('/');
            let form = parts.next().unwrap_or_default();
            let upos =
                ["VERB", "NOUN", "PROPN", "ADJ", "ADP", "DET", "PUNCT", "NUM", "AUX", "PART", "PRON", "ADV", "CCONJ"];
            let upos = parts.next().and_then(|p| upos.into_iter().find(|u| *u == p)).unwrap_or("X");
            let lemma = parts.next().unwrap_or(form).to_owned();
            let head = parts.next().and_then(|h| h.parse::<usize>().ok()).and_then(|h| h.checked_sub(1));
            let deprel: &'static str = Box::leak(parts.next().unwrap_or("dep").to_owned().into_boxed_str());
            if !text.is_empty() {
                text.push(' ');
            }
            let span = Span::new(text.len(), text.len() + form.len());
            text.push_str(form);
            doc.tokens.push(Token { span, sentence: 0, lemma, upos, head, deprel });
        }
        doc.sentences.push(Sentence { span: Span::new(0, text.len()), tokens: 0..doc.tokens.len() });
        doc.report = Report { text, ..Report::default() };
        doc
    }

    /// Splits a sentence and gives every word the same part of speech and a lemma guessed by suffix: enough to ask which
    /// readings the words allow.
    fn rough(text: &str, upos: &'static str) -> Document {
        const IRREGULAR: &[(&str, &str)] = &[
            ("shot", "shoot"),
            ("beat", "beat"),
            ("met", "meet"),
            ("held", "hold"),
            ("laid", "lay"),
            ("sent", "send"),
            ("spoke", "speak"),
            ("struck", "strike"),
            ("began", "begin"),
            ("took", "take"),
            ("put", "put"),
            ("blew", "blow"),
            ("gave", "give"),
            ("ran", "run"),
            ("rose", "rise"),
            ("wore", "wear"),
            ("won", "win"),
            ("led", "lead"),
            ("was", "be"),
            ("were", "be"),
            ("has", "have"),
            ("cut", "cut"),
            ("broke", "break"),
            ("came", "come"),
        ];
        let lexicon = Lexicon::embedded();
        let mut doc = Document { report: Report { text: text.to_owned(), ..Report::default() }, ..Document::default() };
        let mut start = 0;
        for piece in text.split_inclusive(|c: char| c.is_whitespace()) {
            let word = piece.trim().trim_matches(|c: char| matches!(c, '.' | ',' | '"')).trim_end_matches("'s");
            let lower = word.to_lowercase();
            let span = Span::new(start, start + word.len());
            start += piece.len();
            let irregular = IRREGULAR.iter().find(|(form, _)| *form == lower).map(|(_, lemma)| (*lemma).to_owned());
            let known =
                |lemma: &String| lexicon.index.contains_key(lemma) || lexicon.index.contains_key(&format!("{lemma}s"));
            let lemma = irregular.or_else(|| stems(&lower).into_iter().rev().find(known));
            let lemma = lemma.unwrap_or_else(|| lower.strip_suffix('s').unwrap_or(&lower).to_owned());
            doc.tokens.push(Token { span, sentence: 0, lemma, upos, head: None, deprel: "dep" });
        }
        doc.sentences.push(Sentence { span: Span::new(0, text.len()), tokens: 0..doc.tokens.len() });
        doc
    }

    fn stems(form: &str) -> Vec<String> {
        let mut stems = vec![form.to_owned()];
        for (suffix, endings) in [
            ("ies", &["y"][..]),
            ("ied", &["y"]),
            ("es", &["", "e"]),
            ("s", &[""]),
            ("ed", &["", "e"]),
            ("ing", &["", "e"]),
        ] {
            if let Some(stem) = form.strip_suffix(suffix) {
                stems.extend(endings.iter().map(|ending| format!("{stem}{ending}")));
                let doubled = stem.bytes().rev().nth(1) == stem.bytes().next_back();
                stems.extend(stem.get(..stem.len().saturating_sub(1)).filter(|_| doubled).map(str::to_owned));
            }
        }
        stems
    }

    #[test]
    fn every_category_has_a_file_that_reads() {
        let lexicon = Lexicon::read(&FILES).unwrap();
        for event in EventType::ALL {
            assert!(lexicon.groups.iter().any(|group| group.event == event), "{event:?}");
            assert!(!lexicon.cameo(event, &[], "").is_empty(), "{event:?}");
        }
        assert!(lexicon.entries.len() > 1_200);
        for mode in Mode::all() {
            let code = lexicon.cameo(mode.event(), &[mode], "");
            assert!((2..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()), "{mode:?}: {code:?}");
        }
    }

    #[test]
    fn unknown_mode_is_reported_with_file_and_category() {
        let file = "event = \"AID\"\ncameo = \"070\"\ndescription = \"\"\n[[trigger]]\nverb = \"help\"\nmode = \"arrest\"\n\
                    [examples]\nfind = []\nleave = []\n";
        let error = Lexicon::read(&[("AID.toml", file)]).unwrap_err().to_string();
        assert_eq!(error, "AID.toml: AID has no mode \"arrest\"");
    }

    #[test]
    fn data_sentences_yield_their_triggers_and_modes() {
        let lexicon = Lexicon::embedded();
        let mut missed = Vec::new();
        for example in examples().iter().filter(|example| !example.triggers.is_empty()) {
            let docs = ["VERB", "NOUN", "ADJ"].map(|upos| rough(&example.text, upos));
            for (span, modes) in &example.triggers {
                let reading = docs.iter().flat_map(|doc| {
                    let inside = (0..doc.tokens.len()).filter(|&i| span.contains(doc.tokens[i].span));
                    inside.flat_map(|i| lexicon.triggers(doc, i)).collect::<Vec<_>>()
                });
                let reading: Vec<_> = reading.filter(|c| c.event == example.event).collect();
                if !reading.iter().any(|c| c.strength >= Strength::Supported) {
                    missed.push(format!("{:?} at {:?}: {reading:?}", example.text, span.of(&example.text)));
                }
                let doc = &docs[0];
                let by_word = reading.iter().filter_map(|c| c.mode);
                let by_evidence =
                    lexicon.modes(doc, example.event, 0..doc.tokens.len()).into_iter().map(|(mode, _)| mode);
                let given: Vec<Mode> = by_word.chain(by_evidence).collect();
                if !modes.iter().all(|mode| given.contains(mode)) {
                    missed.push(format!("{:?}: {given:?} lacks {modes:?}", example.text));
                }
            }
        }
        assert!(missed.is_empty(), "{missed:#?}");
    }

    #[test]
    fn data_sentences_to_leave_have_no_strong_reading() {
        let lexicon = Lexicon::embedded();
        let mut wrong = Vec::new();
        for example in examples().iter().filter(|example| example.triggers.is_empty()) {
            for upos in ["VERB", "NOUN", "ADJ"] {
                let doc = rough(&example.text, upos);
                let fixed =
                    |i: &usize| example.parts_of_speech.iter().any(|(span, _)| span.overlaps(doc.tokens[*i].span));
                let free = (0..doc.tokens.len()).filter(|i| !fixed(i));
                let readings = free.flat_map(|i| lexicon.triggers(&doc, i));
                wrong.extend(
                    readings
                        .filter(|c| c.strength > Strength::Weak && c.event == example.event)
                        .map(|c| (example.text.clone(), upos, c.words.of(&example.text).to_owned())),
                );
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn passive_raid_has_agent_as_actor_and_subject_as_recipient() {
        let doc = parsed(
            "Homes/NOUN/home/3/nsubj:pass were/AUX/be/3/aux:pass raided/VERB/raid/0/root by/ADP/by/5/case \
             police/NOUN/police/3/obl:agent and/CCONJ/and/7/cc soldiers/NOUN/soldier/5/conj",
        );
        let lexicon = Lexicon::embedded();
        let candidate = lexicon.triggers(&doc, 2).into_iter().find(|c| c.event == EventType::Coerce).unwrap();
        assert_eq!(lexicon.parties(&doc, &candidate), (vec![4, 6], vec![0]));
        assert_eq!((candidate.mode, candidate.cameo), (Mode::of(EventType::Coerce, "seize"), "171"));
    }

    #[test]
    fn attack_of_the_army_on_a_village_has_both_parties() {
        let doc = parsed(
            "The/DET/the/2/det army/NOUN/army/4/nmod:poss 's/PART/'s/2/case attack/NOUN/attack/0/root on/ADP/on/7/case \
             a/DET/a/7/det village/NOUN/village/4/nmod",
        );
        let lexicon = Lexicon::embedded();
        let found = lexicon.find(&doc);
        assert_eq!(found.len(), 1);
        assert_eq!(lexicon.parties(&doc, &found[0]), (vec![1], vec![6]));
    }

    #[test]
    fn dead_person_is_recipient_not_actor() {
        let doc = parsed(
            "Two/NUM/two/2/nummod guards/NOUN/guard/3/nsubj died/VERB/die/0/root in/ADP/in/6/case the/DET/the/6/det \
             bombing/NOUN/bombing/3/obl",
        );
        let lexicon = Lexicon::embedded();
        let candidate = lexicon.triggers(&doc, 2).into_iter().next().unwrap();
        assert_eq!((candidate.event, candidate.size), (EventType::Assault, Some(SizeKind::Dead)));
        assert_eq!(lexicon.parties(&doc, &candidate), (vec![], vec![1]));
        assert_eq!(candidate.strength, Strength::Supported);
    }

    #[test]
    fn phrasal_trigger_matches_across_its_object() {
        let doc = parsed("rebels/NOUN/rebel laid/VERB/lay down/ADP/down their/PRON/their arms/NOUN/arm");
        let candidate = &Lexicon::embedded().triggers(&doc, 4)[0];
        assert_eq!((candidate.event, candidate.head, candidate.length), (EventType::Retreat, 1, 3));
        assert_eq!(candidate.words.of(&doc.report.text), "laid down");
    }

    #[test]
    fn heart_attack_and_month_of_march_are_no_triggers() {
        let heart =
            parsed("He/PRON/he had/VERB/have a/DET/a heart/NOUN/heart attack/NOUN/attack in/ADP/in March/PROPN/March");
        assert_eq!(Lexicon::embedded().find(&heart), []);
    }

    #[test]
    fn word_inside_a_longer_mode_word_does_not_count() {
        let doc = parsed("a/DET/a suicide/NOUN/suicide bomber/NOUN/bomber struck/VERB/strike");
        let modes = Lexicon::embedded().modes(&doc, EventType::Assault, 0..4);
        assert_eq!(modes, [(Mode::of(EventType::Assault, "suicide-attack").unwrap(), Span::new(2, 16))]);
    }

    #[test]
    fn cameo_prefers_the_word_then_the_mode_then_the_category() {
        let lexicon = Lexicon::embedded();
        let firearms = Mode::of(EventType::Assault, "firearms").unwrap();
        assert_eq!(lexicon.cameo(EventType::Coerce, &[], "coup"), "170");
        assert_eq!(lexicon.cameo(EventType::Assault, &[firearms], "kill"), "193");
        assert_eq!(lexicon.cameo(EventType::Assault, &[], "murder"), "1823");
        assert_eq!(lexicon.cameo(EventType::Accuse, &[], "unheard-of"), "112");
    }

    #[test]
    fn size_kinds_follow_the_counting_word() {
        let lexicon = Lexicon::embedded();
        assert_eq!(lexicon.size_kind("wounded", "ADJ"), Some(SizeKind::Injured));
        assert_eq!(lexicon.size_kind("toll", "NOUN"), Some(SizeKind::Dead));
        assert_eq!(lexicon.size_kind("deport", "VERB"), Some(SizeKind::Deported));
        assert_eq!(lexicon.size_kind("casualty", "NOUN"), None);
        assert_eq!(lexicon.size_kind("kill", "PUNCT"), None);
    }
}
