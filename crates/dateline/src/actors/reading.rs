//! Reads one noun phrase: which of its known words is the head's, what sector and country that gives.

use super::tables::{Actor, CountryWord, Found, Meaning, Tables, Term};
use super::words::{Case, Gap, Word, words};
use super::{Cast, Party, PartyContext, Phrase};
use jiff::civil::Date;
use std::collections::HashSet;

/// One part of a phrase between prepositions and commas.
#[derive(Debug, Clone)]
struct Part {
    first: usize,
    last: usize,
    /// The word before it ("of"), empty for the first part, "," for an apposition.
    link: String,
}

/// A sector found in the phrase and how far it can be relied on.
#[derive(Debug, Clone, Default)]
struct Sectors {
    sector: Vec<&'static str>,
    weak: bool,
    why: String,
}

/// A phrase with what the tables know of its words.
pub(super) struct Reading<'a> {
    tables: &'a Tables,
    words: &'a [Word],
    found: Vec<Found>,
    parts: Vec<Part>,
    phrase: &'a Phrase<'a>,
    context: &'a PartyContext<'a>,
}

impl<'a> Reading<'a> {
    pub fn new(tables: &'a Tables, words: &'a [Word], phrase: &'a Phrase<'a>, context: &'a PartyContext<'a>) -> Self {
        let mut reading = Reading { tables, words, found: tables.find(words), parts: Vec::new(), phrase, context };
        reading.pick_meanings();
        reading.parts = reading.split();
        reading
    }

    /// Keeps one meaning of each stretch.
    fn pick_meanings(&mut self) {
        let mut found = std::mem::take(&mut self.found);
        found.retain_mut(|stretch| {
            let best = stretch
                .meanings
                .iter()
                .map(|&meaning| (self.fit(meaning, stretch), meaning))
                .filter(|(fit, _)| *fit > 0)
                // The earlier meaning wins a tie: tables are in order of trust.
                .fold(None, |best: Option<(i32, Meaning)>, next| best.filter(|b| b.0 >= next.0).or(Some(next)));
            stretch.meanings = best.iter().map(|b| b.1).collect();
            best.is_some()
        });
        self.found = found;
    }

    /// How well a meaning fits date, country and neighbouring words; 0 rules it out.
    fn fit(&self, meaning: Meaning, stretch: &Found) -> i32 {
        match meaning {
            Meaning::Role(_) if self.is_surname(stretch) => 0,
            Meaning::Role(index) => {
                let lower = self.words[stretch.first..stretch.last].iter().all(|word| word.case == Case::Lower);
                if self.tables.roles[index as usize].weak {
                    3
                } else if lower {
                    6
                } else {
                    4
                }
            }
            Meaning::Country(index, kind) => {
                let here = self.context.country == Some(self.tables.countries[index as usize].code.as_str());
                let kind_fit = match kind {
                    CountryWord::Name | CountryWord::Seat => 5,
                    CountryWord::Adjective | CountryWord::Person => 4,
                    CountryWord::Region => 2,
                };
                kind_fit + 2 * i32::from(here)
            }
            Meaning::Actor(index) => self.actor_fit(&self.tables.actors[index as usize], stretch),
        }
    }

    /// "Peter Cook" is nobody's cook.
    fn is_surname(&self, stretch: &Found) -> bool {
        let word = &self.words[stretch.first];
        stretch.last - stretch.first == 1
            && word.case == Case::Capital
            && self.tables.lists.surnames.contains(word.norm.as_str())
            && stretch.first.checked_sub(1).map(|i| &self.words[i]).is_some_and(|before| {
                before.case == Case::Capital
                    && word.gap == Gap::Blank
                    && !before.possessive
                    && self.tables.find(std::slice::from_ref(before)).is_empty()
            })
    }

    fn actor_fit(&self, actor: &Actor, stretch: &Found) -> i32 {
        let (term, in_term) = term_at(actor, self.context.published);
        let here = term.code.is_some() && term.code.as_deref() == self.context.country;
        let single = stretch.last - stretch.first == 1;
        let far = matches!(term.code.as_deref(), Some(code) if code.len() == 3 && Some(code) != self.context.country && self.context.country.is_some());
        if actor.person && single {
            // A family name after an unknown given name is somebody else.
            let before = stretch.first.checked_sub(1).map(|i| &self.words[i]);
            let stranger = before.is_some_and(|word| {
                word.case == Case::Capital
                    && !word.possessive
                    && self.words[stretch.first].gap == Gap::Blank
                    && !self.tables.lists.honorifics.contains(word.norm.as_str())
                    && self.tables.find(std::slice::from_ref(word)).is_empty()
                    && word.norm.len() > 1
            });
            if stranger || (!in_term && !here) {
                return 0;
            }
        }
        4 + 3 * i32::from(here) + 2 * i32::from(in_term) + i32::from(!single) - i32::from(far && single)
    }

    /// Parts of the phrase: cut at prepositions, participles and commas outside known names.
    fn split(&self) -> Vec<Part> {
        let mut parts = vec![Part { first: 0, last: self.words.len(), link: String::new() }];
        let inside = |i: usize| self.found.iter().any(|stretch| stretch.first < i && i < stretch.last);
        for (i, word) in self.words.iter().enumerate().skip(1) {
            let Some(part) = parts.last_mut() else { break };
            if inside(i) || i < part.first {
                continue;
            }
            let covered = self.found.iter().any(|stretch| stretch.first <= i && i < stretch.last);
            if !covered
                && word.case == Case::Lower
                && word.gap != Gap::Hyphen
                && self.tables.lists.links.contains(word.norm.as_str())
            {
                part.last = i;
                parts.push(Part { first: i + 1, last: self.words.len(), link: word.norm.clone() });
            } else if word.gap == Gap::Stop && i > part.first {
                part.last = i;
                parts.push(Part { first: i, last: self.words.len(), link: ",".to_owned() });
            }
        }
        parts.retain(|part| part.first < part.last);
        if parts.len() > 1 && parts[1].link == "of" && self.only_measures(&parts[0]) {
            parts.remove(0);
        }
        parts
    }

    fn only_measures(&self, part: &Part) -> bool {
        let norms: Vec<&str> = self.words[part.first..part.last].iter().map(|word| word.norm.as_str()).collect();
        let Some(head) = norms.last() else { return false };
        // A number, or a measure with nothing known before it ("a special team", but not "a Taliban group").
        let known_before = self.found.iter().any(|f| f.first >= part.first && f.last < part.last);
        self.words[part.last - 1].case == Case::Number || (self.tables.lists.measures.contains(*head) && !known_before)
    }

    fn stretches(&self, part: &Part) -> impl DoubleEndedIterator<Item = &Found> {
        let (first, last) = (part.first, part.last);
        self.found.iter().filter(move |stretch| stretch.first >= first && stretch.last <= last)
    }

    fn text(&self, stretch: &Found) -> &str {
        let (start, end) = (self.words[stretch.first].start, self.words[stretch.last - 1].end);
        self.phrase.words.get(start..end).unwrap_or_default()
    }

    /// What the phrase, read in its context, says about the party.
    pub fn party(&self) -> Party {
        let mut party = Party::default();
        let actor = self.leading_actor();
        let sectors = self.sectors();
        let introduced = self.context.cast.and_then(|cast| self.introduction(cast));
        let (code, code_why) = self.code(actor.as_ref().map(|(_, term)| term), &sectors.sector, introduced);
        party.code = code;
        party.sector = sectors.sector;
        party.why = format!("{}; {}", sectors.why, code_why);
        if let Some(known) =
            introduced.filter(|_| party.sector.is_empty() || sectors.weak).filter(|known| !known.sector.is_empty())
        {
            party.sector = known.sector.clone();
            party.why = format!("introduced in the report as {}; {code_why}", known.why);
        }
        party.identifier = self.identifier(&party, actor.map(|(actor, _)| actor));
        party
    }

    /// The first known actor that is not merely somebody else's country ("the Afghan branch of the Islamic State").
    fn leading_actor(&self) -> Option<(&'a Actor, &'a Term)> {
        self.parts.iter().find_map(|part| {
            if !(part.link.is_empty()
                || matches!(
                    part.link.as_str(),
                    "of" | "," | "from" | "in" | "linked" | "as" | "like" | "affiliated" | "for"
                ))
            {
                return None;
            }
            let strong_head = part.first == self.parts[0].first;
            if !strong_head && part.link != "," && self.head_is_strong_person() {
                return None;
            }
            self.stretches(part).rev().find_map(|stretch| match stretch.meanings[..] {
                [Meaning::Actor(index)] => {
                    let actor = &self.tables.actors[index as usize];
                    Some((actor, term_at(actor, self.context.published).0))
                }
                _ => None,
            })
        })
    }

    /// "victims of the Taliban" are not the Taliban.
    fn head_is_strong_person(&self) -> bool {
        let Some(part) = self.parts.first() else { return false };
        self.stretches(part).next_back().is_some_and(|stretch| match stretch.meanings[..] {
            [Meaning::Role(index)] => {
                !self.tables.roles[index as usize].weak && self.tables.roles[index as usize].sector.contains(&"CVL")
            }
            _ => false,
        })
    }

    fn sectors(&self) -> Sectors {
        let mut fallback = Sectors::default();
        for part in &self.parts {
            if !(part.link.is_empty()
                || matches!(
                    part.link.as_str(),
                    "of" | ","
                        | "from"
                        | "for"
                        | "in"
                        | "at"
                        | "with"
                        | "linked"
                        | "loyal"
                        | "as"
                        | "like"
                        | "such"
                        | "to"
                        | "affiliated"
                        | "against"
                ))
            {
                continue;
            }
            if let Some(sectors) = self.part_sectors(part) {
                if !sectors.weak {
                    return sectors;
                }
                if fallback.why.is_empty() {
                    fallback = sectors;
                }
            }
        }
        if fallback.why.is_empty() { self.bare_sectors() } else { fallback }
    }

    /// Sectors of one part: its last known words decide, weak ones after what stands before them.
    fn part_sectors(&self, part: &Part) -> Option<Sectors> {
        let stretches: Vec<&Found> = self.stretches(part).collect();
        let mut weak: Option<Sectors> = None;
        for (i, stretch) in stretches.iter().enumerate().rev() {
            let words = self.text(stretch).to_owned();
            match stretch.meanings[..] {
                [Meaning::Role(index)] => {
                    let role = &self.tables.roles[index as usize];
                    let why = format!("role \"{words}\" {}", role.sector.join("+"));
                    if role.weak {
                        weak.get_or_insert(Sectors { sector: role.sector.clone(), weak: true, why });
                        continue;
                    }
                    let sector = self.with_modifiers(&role.sector, &stretches[..i]);
                    return Some(Sectors { sector, weak: false, why });
                }
                [Meaning::Actor(index)] => {
                    let actor = &self.tables.actors[index as usize];
                    // "Ortega's family": a possessor gives the country, the role after it the sector.
                    if weak.is_some() && actor.person && self.words[stretch.last - 1].possessive {
                        continue;
                    }
                    let (term, in_term) = term_at(actor, self.context.published);
                    let title = stretches[..i].last().filter(|before| before.last == stretch.first);
                    let title = title.and_then(|before| self.strong_role(before));
                    // The report's own title is nearer than a table, unless it is a past one.
                    let out = !in_term || (term.sector == ["ELI"] && !self.is_former());
                    if actor.person && title.is_some() && out {
                        continue;
                    }
                    return Some(Sectors {
                        sector: term.sector.clone(),
                        weak: false,
                        why: format!("\"{words}\" is {}", actor.name),
                    });
                }
                [Meaning::Country(_, kind)] => {
                    let at_end = stretch.last == part.last;
                    if weak.is_none() && at_end && !self.turned(stretch) && part.link.is_empty() {
                        let counted = self.is_counted(stretch);
                        let people = matches!(kind, CountryWord::Person) || (kind == CountryWord::Adjective && counted);
                        let sector = if people && !self.stands_for_government(stretch) { "CVL" } else { "GOV" };
                        weak = Some(Sectors {
                            sector: vec![sector],
                            weak: kind == CountryWord::Region,
                            why: format!("country \"{words}\" that acts {sector}"),
                        });
                        if kind != CountryWord::Region && i == 0 {
                            return weak;
                        }
                    }
                }
                _ => {}
            }
        }
        weak
    }

    /// "former", "ex-", "the late": the title before the name is over.
    fn is_former(&self) -> bool {
        self.words.iter().any(|word| {
            matches!(word.norm.as_str(), "former" | "ex" | "late" | "then" | "onetime" | "deposed" | "ousted")
        })
    }

    fn strong_role(&self, stretch: &Found) -> Option<&'a [&'static str]> {
        match stretch.meanings[..] {
            [Meaning::Role(index)] if !self.tables.roles[index as usize].weak => {
                Some(&self.tables.roles[index as usize].sector)
            }
            _ => None,
        }
    }

    /// "the Russians" act as a state, "650,000 Syrians" and "a Colombian" are people.
    fn stands_for_government(&self, stretch: &Found) -> bool {
        let before: Vec<&str> = self.words[..stretch.first].iter().map(|word| word.norm.as_str()).collect();
        let plural =
            self.words[stretch.last - 1].norm.ends_with('s') || self.words[stretch.last - 1].norm.ends_with("ese");
        matches!(before[..], ["the"]) && plural
    }

    /// "a Colombian", "650,000 Syrians": an article or number makes a word for a country one for its people.
    fn is_counted(&self, stretch: &Found) -> bool {
        self.words[..stretch.first].iter().any(|word| {
            word.case == Case::Number
                || matches!(word.norm.as_str(), "a" | "an")
                || self.tables.lists.measures.contains(word.norm.as_str())
        })
    }

    /// What stands before a role noun and adds to it, or overrides it.
    fn with_modifiers(&self, sector: &[&'static str], before: &[&Found]) -> Vec<&'static str> {
        let mut merged = sector.to_vec();
        for stretch in before.iter().rev() {
            let beside: Vec<&'static str> = match stretch.meanings[..] {
                [Meaning::Role(index)] => self.tables.roles[index as usize].sector.clone(),
                [Meaning::Actor(index)] => {
                    let actor = &self.tables.actors[index as usize];
                    if actor.person { continue } else { term_at(actor, self.context.published).0.sector.clone() }
                }
                _ => continue,
            };
            if self.words[stretch.last - 1].possessive && !matches!(sector, ["REB"] | ["MIL"] | ["UAF"] | ["PRM"]) {
                continue;
            }
            let has = |name: &str| beside.contains(&name);
            match merged[..] {
                ["UAF"] | ["MIL"] | ["PRM"] | ["REB"] | ["CRM"] if has("REB") || has("PRM") || has("CRM") => {
                    merged = beside
                }
                ["REB"] | ["UAF"] if has("COP") || has("MIL") => merged = beside,
                ["SOC"] | ["LAB"] if has("PTY") || has("OPP") => merged = beside,
                ["MIL"] if has("PTY") => merged = vec!["REB"],
                ["LEG"] if has("OPP") || has("PTY") => {
                    merged.extend(beside.iter().filter(|s| matches!(**s, "OPP" | "PTY")))
                }
                ["PTY"] if has("OPP") => merged.push("OPP"),
                ["LAB"] if has("EDU") || has("MED") => {
                    merged.extend(beside.iter().filter(|s| matches!(**s, "EDU" | "MED")))
                }
                _ => continue,
            }
            break;
        }
        merged
    }

    /// Sectors of a phrase without any known word: a place acts as its government, a number counts people.
    fn bare_sectors(&self) -> Sectors {
        if self.phrase.is_place_name {
            return Sectors { sector: vec!["GOV"], weak: true, why: "a place that acts GOV".to_owned() };
        }
        let Some(part) = self.parts.first() else {
            return Sectors { weak: true, why: "no words".to_owned(), ..Sectors::default() };
        };
        let counted = self.words[part.first..part.last]
            .iter()
            .any(|word| word.case == Case::Number || self.tables.lists.measures.contains(word.norm.as_str()));
        let name_like = self.words[part.first..part.last].iter().all(|word| {
            matches!(word.case, Case::Capital)
                || self.tables.lists.honorifics.contains(word.norm.as_str())
                || self.tables.lists.particles.contains(word.norm.as_str())
        });
        let counted = counted || self.words[part.first..part.last].iter().any(|word| word.norm == "them");
        if counted || name_like {
            return Sectors { sector: vec!["CVL"], weak: true, why: "people without a role CVL".to_owned() };
        }
        Sectors { weak: true, why: "no word known".to_owned(), ..Sectors::default() }
    }

    /// Whether a country word is turned into something else by the word beside it ("Iran-backed", "pro-Russian").
    fn turned(&self, stretch: &Found) -> bool {
        let after = self.words.get(stretch.last).is_some_and(|word| {
            (word.gap == Gap::Hyphen || word.gap == Gap::Blank)
                && self.tables.lists.turning.contains(word.norm.as_str())
        });
        let before =
            stretch.first.checked_sub(1).is_some_and(|i| matches!(self.words[i].norm.as_str(), "pro" | "anti"));
        after || before
    }

    fn code(&self, actor: Option<&&Term>, sector: &[&str], introduced: Option<&Party>) -> (Option<String>, String) {
        if let Some(code) = actor.and_then(|term| term.code.clone()) {
            return (Some(code.clone()), format!("{code} by the actor"));
        }
        for part in &self.parts {
            if matches!(
                part.link.as_str(),
                "to" | "against"
                    | "after"
                    | "over"
                    | "on"
                    | "about"
                    | "into"
                    | "fleeing"
                    | "between"
                    | "among"
                    | "held"
            ) {
                continue;
            }
            let mut codes: Vec<(&str, String)> = Vec::new();
            for stretch in self.stretches(part) {
                if let [Meaning::Country(index, kind)] = stretch.meanings[..] {
                    let abroad = part.link == "in" && kind == CountryWord::Seat && !codes.is_empty();
                    if !self.turned(stretch) && !abroad {
                        codes
                            .push((self.tables.countries[index as usize].code.as_str(), self.text(stretch).to_owned()));
                    }
                }
            }
            let joined = self.words[part.first..part.last].iter().any(|word| word.norm == "and");
            if let Some((code, why)) = codes.first() {
                if joined && codes.iter().any(|(other, _)| other != code) {
                    return (None, "several countries".to_owned());
                }
                return (Some((*code).to_owned()), format!("{code} by \"{why}\""));
            }
        }
        if let Some(code) = introduced.and_then(|known| known.code.clone()) {
            return (Some(code.clone()), format!("{code} by the report's introduction"));
        }
        if let Some(elsewhere) = self.elsewhere(sector) {
            return elsewhere;
        }
        match self.context.country {
            Some(country) => (Some(country.to_owned()), format!("{country} by the report's country")),
            None => (None, "no country known".to_owned()),
        }
    }

    /// Parties without a country word that do not belong to the report's country either: foreigners, several governments,
    /// unknown attackers, aid groups.
    fn elsewhere(&self, sector: &[&str]) -> Option<(Option<String>, String)> {
        let lists = &self.tables.lists;
        let has = |list: &HashSet<String>| self.words.iter().any(|word| list.contains(word.norm.as_str()));
        let foreign = self.words.iter().any(|word| {
            matches!(
                word.norm.as_str(),
                "migrants" | "migrant" | "foreigners" | "foreigner" | "immigrants" | "nationals"
            )
        });
        if sector == ["SOC"] && has(&lists.aid) {
            return Some((Some("NGO".to_owned()), "NGO by an aid or rights group without a country".to_owned()));
        }
        ((sector == ["GOV"] && has(&lists.elsewhere)) || foreign)
            .then(|| (None, "no country of its own named".to_owned()))
    }

    /// The introduction of a name in this phrase, earlier in the report.
    fn introduction<'c>(&self, cast: &'c Cast) -> Option<&'c Party> {
        let part = self.parts.first()?;
        let words = &self.words[part.first..part.last];
        (0..words.len()).find_map(|start| {
            let run = words[start..].iter().take_while(|word| word.case != Case::Lower && !word.possessive).count();
            let run = if run == 0 && words[start].case != Case::Lower { 1 } else { run };
            (run > 0).then(|| cast.find(&words[start..start + run])).flatten()
        })
    }

    fn identifier(&self, party: &Party, actor: Option<&Actor>) -> Option<(String, String)> {
        if let Some(actor) = actor {
            return Some((format!("dl:{}", slug(&actor.name)), actor.name.clone()));
        }
        let part = self.parts.first()?;
        let only = self.stretches(part).next_back()?;
        match only.meanings[..] {
            [Meaning::Country(index, kind)]
                if kind != CountryWord::Region && kind != CountryWord::Person && party.sector == ["GOV"] =>
            {
                let country = &self.tables.countries[index as usize];
                Some((format!("dl:{}", slug(&country.name)), country.name.clone()))
            }
            _ => None,
        }
    }
}

/// The term an actor is in at `date`, else the nearest one; and whether it is in it.
pub(super) fn term_at(actor: &Actor, date: Option<Date>) -> (&Term, bool) {
    let last = &actor.terms[actor.terms.len() - 1];
    let Some(date) = date else { return (last, true) };
    let month = i32::from(date.year()) * 12 + i32::from(date.month());
    let distance = |term: &Term| {
        i64::from(term.from).saturating_sub(month.into()).max(i64::from(month).saturating_sub(term.to.into())).max(0)
    };
    // The later of two terms that meet in this month.
    let nearest = actor.terms.iter().rev().min_by_key(|term| distance(term)).unwrap_or(last);
    (nearest, distance(nearest) <= 2)
}

fn slug(name: &str) -> String {
    words(name).iter().map(|word| word.norm.as_str()).filter(|norm| *norm != "the").collect::<Vec<_>>().join("-")
}
