//! Text in poor condition: capitals throughout, no punctuation, a headline alone, lists, transcripts, machine translation, mojibake,
//! no day of publication. It is coded as far as it goes, a note says what is wrong with it, and no date or place is made up.

use dateline::export::json;
use dateline::formats::{Format, ReadOptions, Source, read};
use dateline::ontology::EventType;
use dateline::record::DateBasis;
use dateline::{BlockKind, Coder, Document, Record, Report};

const CAPITALS: &str = "GUNMEN KILL NINE IN MARKET ATTACK\n\
    GUNMEN ARMED WITH RIFLES ATTACKED A MARKET IN AYACUCHO ON MONDAY AND KILLED NINE PEOPLE, POLICE SAID. SOLDIERS LATER ARRESTED TWO \
    SUSPECTS IN LIMA.\nPRESIDENT ALAN GARCIA CONDEMNED THE KILLINGS.";

const WRAPPED_CAPITALS: &str = "   AYACUCHO, 4 MAR 91 -- [TEXT] GUNMEN ARMED WITH RIFLES ATTACKED A MARKET IN\nTHIS CITY ON MONDAY AND KILLED NINE \
    PEOPLE, POLICE SAID.  SOLDIERS LATER\nARRESTED TWO SUSPECTS IN NEW\nYORK AND HANDED THEM OVER TO A JUDGE OF THE COURT IN THE\nCAPITAL.\n\n   \
    PRESIDENT ALAN GARCIA CONDEMNED THE KILLINGS AND SAID THAT HE WOULD\nSEND TROOPS.";

const UNPUNCTUATED: &str = "police raided three homes in istanbul on monday and detained 45 people the governor said the suspects had links \
    to an armed group in ankara thousands of protesters marched against the government on sunday and police fired tear gas officials said two \
    officers were injured the interior minister promised to release the students";

const LIST: &str = "Daily security summary\n- Two soldiers killed by a roadside bomb near Maiduguri\n- Police arrested 12 protesters in Abuja\n\
    * Rebels released five hostages in Goma on Tuesday\n• Army shelled positions north of Aleppo; three civilians injured\n\
    1. Government imposed a curfew in Kaduna\n2) France condemned the attack";

const LIST_IN_A_LINE: &str = "Daily summary: • Two soldiers killed by a roadside bomb near Maiduguri • Police arrested 12 protesters in Abuja \
    • Rebels released five hostages in Goma on Tuesday";

const TRANSCRIPT: &str = "ANCHOR: Good evening. We begin in Nairobi, where police have arrested an opposition leader. Mary?\n\
    OTIENO: Thank you. Police stormed the house of the senator this morning and, uh, they took him away.\n\
    ANCHOR: And has the government said anything?\nOTIENO: Well, the ministry denies that anyone was beaten.\n(END VIDEOTAPE)\n\
    UNIDENTIFIED MALE: They came at five. They fired in the air.";

const TRANSLATED: &str = "The police has made arrest of twelve persons by the protest\nIn the day of yesterday the elements of the police have \
    realized the detention of twelve manifestants in the city of Oaxaca. The government it has said that the manifestants had attacked with \
    stones to the police. By the fact there are four wounded ones.";

const ACCENTED: &str = "Police raid café in São Paulo, mayor’s aide held\n\
    Police raided a café in São Paulo on Monday and arrested the mayor’s aide, officials said. “They broke the door,” a witness said. \
    Soldiers attacked a village near Bouaké.";

/// Text without a place name, in words that are also names of places.
const NO_PLACES: &[&str] = &[
    "POLICE SAID THAT A MAN WAS READING NICE BOOKS WHEN GUNMEN KILLED HIM ON SUNDAY IN MAY\nTHE MOBILE UNIT LEFT HIM IN A CORNER AND SPLIT",
    "gunmen killed a man in a corner of the market on sunday and police said that they had arrested the band in march and split it up \
     afterwards while the victory of the mobile unit was reported to be of nice proportions and enterprise was shown by the man of hope",
    "- Police arrested a man\n- Gunmen killed a judge in the market\n- Troops fired at the crowd",
    "ANCHOR: Good evening.\nGUEST: Police arrested my father.\nANCHOR: When?\nGUEST: They killed him on Sunday.",
    "GUNMEN KILL JUDGE",
];

/// UTF-8 read as windows-1252, as it comes out of badly kept archives.
fn mojibake(text: &str) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

/// The text as one line of JSON, kept exactly as it is.
fn line(text: &str, published: Option<&str>) -> Report {
    let json = serde_json::json!({"id": "bad", "text": text, "published": published}).to_string();
    read_one(json.as_bytes(), Format::Jsonl)
}

fn read_one(bytes: &[u8], format: Format) -> Report {
    let options = ReadOptions { force: true, ..ReadOptions::default() };
    read(Source { name: "bad", bytes, hint: Some(format), options: &options }).next().unwrap().unwrap()
}

fn coded(report: Report) -> (Document, Vec<Record>) {
    let coder = Coder::english().unwrap();
    let doc = coder.annotate(report);
    let records = coder.code(&doc);
    (doc, records)
}

fn codes(report: &Report) -> Vec<&str> {
    report.notes.iter().map(|note| note.code).collect()
}

fn texts() -> Vec<String> {
    let written = [CAPITALS, WRAPPED_CAPITALS, UNPUNCTUATED, LIST, LIST_IN_A_LINE, TRANSCRIPT, TRANSLATED, ACCENTED];
    let mut texts: Vec<String> = written.iter().chain(NO_PLACES).map(|&text| text.to_owned()).collect();
    texts.extend([mojibake(ACCENTED), mojibake(&mojibake(ACCENTED)), ACCENTED.to_uppercase()]);
    texts
}

/// The first record of that category whose mentions include one of `words`, in any case.
fn event<'r>(doc: &Document, records: &'r [Record], event: EventType, word: &str) -> &'r Record {
    let says = |r: &&Record| r.mentions.iter().any(|m| m.of(&doc.report.text).eq_ignore_ascii_case(word));
    let found = records.iter().filter(|r| r.event == event).find(says);
    found.unwrap_or_else(|| {
        panic!("no {} {word:?} in {:?}: {}", event.name(), doc.report.text, json::lines(doc, records))
    })
}

fn parties<'d>(doc: &'d Document, parties: &[dateline::record::Entity]) -> Vec<&'d str> {
    parties.iter().map(|party| party.span.of(&doc.report.text)).collect()
}

#[test]
fn each_condition_has_its_note_and_good_text_has_none() {
    let published = Some("2024-03-06");
    let noted = [
        (CAPITALS, "all-capitals"),
        (WRAPPED_CAPITALS, "all-capitals"),
        (UNPUNCTUATED, "no-punctuation"),
        (LIST, "list"),
        (LIST_IN_A_LINE, "list"),
        (TRANSCRIPT, "transcript"),
        ("Turkish police detain 45 in Istanbul raids", "headline-only"),
    ];
    for (text, code) in noted {
        assert_eq!(codes(&line(text, published)), [code], "{text}");
    }
    let damaged = line(&mojibake(ACCENTED), published);
    assert_eq!(codes(&damaged), ["mojibake"]);
    assert_eq!(damaged.notes[0].span.unwrap().of(&damaged.text), "Ã©");
    assert_eq!(codes(&line(ACCENTED, None)), ["no-publication-date"]);
    assert_eq!(codes(&line("Raid\nLIMA, March 3 (Reuters) - Police raided homes.", None)), ["dateline-date"]);
    assert_eq!(codes(&line(ACCENTED, published)), Vec::<&str>::new());
}

#[test]
fn no_date_is_made_up_without_a_publication_date() {
    for text in texts() {
        let (doc, records) = coded(line(&text, None));
        for record in &records {
            let when = &record.when;
            assert!(when.date.is_none() && when.enddate.is_none(), "{when:?} in {text}");
            assert_eq!(when.basis == DateBasis::Text, when.span.is_some(), "{when:?} in {text}");
        }
        for time in &doc.times {
            assert!(!time.span.of(&doc.report.text).is_empty() && !time.timex.is_empty());
        }
    }
    let (doc, records) = coded(line(CAPITALS, None));
    let attack = event(&doc, &records, EventType::Assault, "attacked");
    assert_eq!(attack.when.span.unwrap().of(&doc.report.text), "MONDAY");
    assert_eq!(attack.when.timex.as_deref(), Some("XXXX-WXX-1"));
}

#[test]
fn every_place_stands_in_the_text_and_none_where_there_is_none() {
    for text in texts() {
        for published in [None, Some("2024-03-06")] {
            let (doc, records) = coded(line(&text, published));
            for place in records.iter().filter_map(|record| record.event_loc.as_ref()) {
                assert!(!place.span.of(&doc.report.text).trim().is_empty());
                let words: String = place.span.of(&doc.report.text).split_whitespace().collect::<Vec<_>>().join(" ");
                let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(flat.contains(&words), "{words} in {text}");
            }
        }
    }
    for text in NO_PLACES {
        let (doc, records) = coded(line(text, None));
        let places: Vec<_> = records.iter().filter_map(|r| Some(r.event_loc.as_ref()?.span.of(text))).collect();
        assert_eq!(places, Vec::<&str>::new(), "in {text}: {}", json::lines(&doc, &records));
    }
}

#[test]
fn capitals_are_coded_like_other_text() {
    let (doc, records) = coded(line(CAPITALS, Some("2024-03-06")));
    let attack = event(&doc, &records, EventType::Assault, "attacked");
    assert!(parties(&doc, &attack.actor).contains(&"GUNMEN"), "{:?}", parties(&doc, &attack.actor));
    assert_eq!(attack.event_loc.as_ref().unwrap().name, "Ayacucho");
    assert_eq!(attack.when.date, Some(jiff::civil::date(2024, 3, 4)));
    let arrest = event(&doc, &records, EventType::Coerce, "arrested");
    assert_eq!(parties(&doc, &arrest.actor), ["SOLDIERS"]);
    assert_eq!(parties(&doc, &arrest.recipient), ["TWO SUSPECTS"]);
}

#[test]
fn lines_wrapped_at_a_fixed_width_are_one_paragraph() {
    let report = line(WRAPPED_CAPITALS, Some("1991-03-05"));
    let kinds: Vec<_> = report.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds, [BlockKind::Dateline, BlockKind::Paragraph, BlockKind::Paragraph]);
    assert_eq!(report.title, None, "the first line of a wrapped paragraph is no headline");
    let (doc, records) = coded(report);
    assert_eq!(doc.report.text, WRAPPED_CAPITALS, "offsets count in the text as given");
    let place = doc.places.iter().find(|place| place.span.of(WRAPPED_CAPITALS) == "NEW\nYORK");
    assert!(place.is_some(), "a name goes on in the next line: {:?}", doc.places);
    let arrest = event(&doc, &records, EventType::Coerce, "arrested");
    assert_eq!(parties(&doc, &arrest.actor), ["SOLDIERS"]);
}

#[test]
fn text_without_punctuation_still_yields_its_events() {
    let (doc, records) = coded(line(UNPUNCTUATED, Some("2024-03-06")));
    let detention = event(&doc, &records, EventType::Coerce, "detained");
    assert_eq!(parties(&doc, &detention.recipient), ["45 people"]);
    assert_eq!(detention.event_loc.as_ref().unwrap().span.of(UNPUNCTUATED), "istanbul");
    event(&doc, &records, EventType::Protest, "marched");
}

#[test]
fn items_of_a_list_keep_to_themselves() {
    for text in [LIST, LIST_IN_A_LINE] {
        let (doc, records) = coded(line(text, None));
        let items: Vec<usize> = dateline::formats::condition::item_starts(text);
        let item = |at: usize| items.partition_point(|&start| start <= at);
        for record in &records {
            let home = item(record.mentions[0].start);
            let parties = record.actor.iter().chain(&record.recipient).map(|party| party.span);
            let spans = parties.chain(record.event_loc.as_ref().map(|place| place.span)).chain(record.mentions.clone());
            for span in spans {
                assert_eq!(item(span.start), home, "{:?} of {:?}", span.of(text), record.mentions[0].of(text));
            }
        }
        let arrest = event(&doc, &records, EventType::Coerce, "arrested");
        assert_eq!(parties(&doc, &arrest.recipient), ["12 protesters"]);
        let killing = event(&doc, &records, EventType::Assault, "killed");
        assert_eq!(parties(&doc, &killing.recipient), ["Two soldiers"], "the bullet is no part of the party");
    }
}

#[test]
fn headline_alone_is_coded() {
    let text = "Turkish police detain 45 in Istanbul raids";
    let (doc, records) = coded(line(text, Some("2024-03-06")));
    let detention = event(&doc, &records, EventType::Coerce, "detain");
    assert_eq!(detention.event_loc.as_ref().unwrap().name, "Istanbul");
    assert_eq!(detention.when.date, Some(jiff::civil::date(2024, 3, 6)));
}

#[test]
fn speakers_of_a_transcript_are_no_dateline() {
    let (doc, records) = coded(line(TRANSCRIPT, Some("2024-03-06")));
    assert!(doc.report.blocks.iter().all(|block| block.kind != BlockKind::Dateline));
    let arrest = event(&doc, &records, EventType::Coerce, "arrested");
    assert_eq!(arrest.event_loc.as_ref().unwrap().name, "Nairobi");
}

#[test]
fn machine_translation_is_read_as_far_as_it_goes() {
    let (doc, records) = coded(line(TRANSLATED, Some("2024-03-06")));
    let arrest = event(&doc, &records, EventType::Coerce, "detention");
    assert_eq!(arrest.event_loc.as_ref().unwrap().span.of(&doc.report.text), "Oaxaca");
    assert_eq!(arrest.when.date, Some(jiff::civil::date(2024, 3, 5)));
}

#[test]
fn mojibake_is_undone_where_the_text_is_made_and_kept_where_it_is_given() {
    let damaged = mojibake(ACCENTED);
    let given = line(&damaged, None);
    assert_eq!(given.text, damaged);
    let (doc, records) = coded(given);
    assert!(!records.is_empty());
    assert!(doc.places.iter().all(|place| !place.span.of(&damaged).contains(['Ã', '©'])), "{:?}", doc.places);
    for text in [&damaged, &mojibake(&damaged)] {
        let report = read_one(text.as_bytes(), Format::Text);
        assert_eq!(report.text, ACCENTED);
        assert!(codes(&report).contains(&"mojibake-repaired"), "{:?}", report.notes);
        let html = format!(
            "<html><head><meta charset=utf-8><title>Raid</title></head><body><article><p>{text}</p></article></body></html>"
        );
        let page = read_one(html.as_bytes(), Format::Html);
        assert!(page.text.contains("São Paulo") && codes(&page).contains(&"mojibake-repaired"), "{}", page.text);
    }
    let (doc, _) = coded(read_one(damaged.as_bytes(), Format::Text));
    assert!(doc.places.iter().any(|place| place.span.of(&doc.report.text) == "São Paulo"));
}

#[test]
fn damaged_text_of_any_kind_survives() {
    for text in texts() {
        // cut anywhere, doubled, without blanks, in one line, in other letters
        let mut end = text.len() * 2 / 3;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let variants = [
            text[..end].to_owned(),
            text.repeat(3),
            text.replace(' ', ""),
            text.replace('\n', " "),
            text.replace(' ', "\n"),
            text.replace(' ', "\u{FFFD}"),
            text.to_lowercase(),
        ];
        for variant in variants {
            let (doc, records) = coded(line(&variant, None));
            assert_eq!(doc.report.text, variant);
            json::lines(&doc, &records);
        }
    }
}
