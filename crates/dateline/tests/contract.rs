//! The contract of all stages, with the real coder (STYLE.md, "Tests"): spans fit the text, running twice changes nothing, company
//! changes nothing, any input survives. The text is that of the event files' own sentences: on random text most stages find nothing.

use dateline::export::{conllu, csv, json, layers};
use dateline::formats::{Format, ReadOptions, Source, read};
use dateline::model::{Begins, Model};
use dateline::record::{Count, Entity, Record};
use dateline::stages::tokens::tokens;
use dateline::{Coder, Document, Report, Span, lexicon};

/// Sentences a report of the test holds.
const SENTENCES: usize = 25;

/// Reports made of the data files' sentences, a paragraph each.
fn reports() -> Vec<Report> {
    let sentences: Vec<String> = lexicon::examples().into_iter().map(|example| example.text).collect();
    sentences.chunks(SENTENCES).map(|chunk| report(&chunk.join("\n"))).collect()
}

fn report(text: &str) -> Report {
    let options = ReadOptions { published: Some(jiff::civil::date(2024, 3, 6)), force: true, ..ReadOptions::default() };
    let source = Source { name: "contract", bytes: text.as_bytes(), hint: Some(Format::Text), options: &options };
    // A text that cannot be read as a report is still coded as it is: the coder may be given any report.
    let bare = || Report { id: "contract".to_owned(), text: text.to_owned(), ..Report::default() };
    read(source).next().and_then(Result::ok).unwrap_or_else(bare)
}

fn coded(coder: &Coder, report: &Report) -> (Document, Vec<Record>) {
    let doc = coder.annotate(report.clone());
    let records = coder.code(&doc);
    (doc, records)
}

/// All spans of the layers, with the layer's name.
fn layer_spans(doc: &Document) -> Vec<(&'static str, Span)> {
    let mut spans: Vec<(&'static str, Span)> = Vec::new();
    spans.extend(doc.sentences.iter().map(|s| ("sentence", s.span)));
    spans.extend(doc.tokens.iter().map(|t| ("token", t.span)));
    spans.extend(doc.names.iter().map(|n| ("name", n.span)));
    spans.extend(doc.times.iter().map(|t| ("time", t.span)));
    spans.extend(doc.quantities.iter().map(|q| ("quantity", q.span)));
    spans.extend(doc.places.iter().map(|p| ("place", p.span)));
    for saying in &doc.attributions {
        spans.extend(saying.source.iter().chain(&saying.cue).chain(&saying.content).map(|&span| ("saying", span)));
    }
    spans.extend(doc.coreference.iter().flatten().map(|&span| ("coreference", span)));
    spans
}

/// All spans of a record, with the field's name.
fn record_spans(record: &Record) -> Vec<(&'static str, Span)> {
    fn count(count: &Count) -> (&'static str, Span) {
        ("count", count.span)
    }
    fn party(entity: &Entity) -> Vec<(&'static str, Span)> {
        [("party", entity.span)].into_iter().chain(entity.count.iter().map(count)).collect()
    }
    let mut spans: Vec<(&'static str, Span)> = record.mentions.iter().map(|&span| ("mention", span)).collect();
    spans.extend(record.actor.iter().chain(&record.recipient).flat_map(party));
    spans.extend(record.when.span.map(|span| ("when", span)));
    spans.extend(record.event_loc.iter().map(|place| ("event_loc", place.span)));
    for figure in record.size.values().flatten() {
        spans.push(count(&figure.count));
        spans.extend(figure.by.map(|span| ("figure by", span)));
    }
    for link in &record.attribution {
        spans.extend([Some(link.source), link.cue].into_iter().flatten().map(|span| ("attribution", span)));
    }
    spans
}

fn assert_contract(report: &Report, doc: &Document, records: &[Record]) {
    let text = &report.text;
    assert_eq!(&doc.report.text, text, "the text is frozen");
    let spans = layer_spans(doc).into_iter().chain(records.iter().flat_map(record_spans));
    for (what, span) in spans {
        let words = text.get(span.start..span.end);
        assert!(words.is_some_and(|words| !words.is_empty()), "{what} {span:?} does not fit {text:?}");
    }
    assert!(doc.tokens.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "tokens overlap in {text:?}");
    assert!(doc.names.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "names overlap in {text:?}");
    let mut next = 0;
    for (index, sentence) in doc.sentences.iter().enumerate() {
        assert_eq!(sentence.tokens.start, next, "sentences hold every token once");
        next = sentence.tokens.end;
        let tokens = &doc.tokens[sentence.tokens.clone()];
        assert!(!tokens.is_empty() && tokens.iter().all(|token| token.sentence == index));
        assert!(tokens.iter().all(|token| token.head.is_none_or(|head| sentence.tokens.contains(&head))));
        assert_eq!(tokens.iter().filter(|token| token.head.is_none()).count(), 1, "one root in {text:?}");
    }
    assert_eq!(next, doc.tokens.len());
    for record in records {
        assert!(!record.mentions.is_empty() && record.sentence < doc.sentences.len());
        assert!((0.0..=1.0).contains(&record.confidence), "confidence {} of {text:?}", record.confidence);
        assert!(record.mode.iter().all(|mode| mode.event() == record.event), "{:?} {:?}", record.event, record.mode);
        assert!(record.when.date.zip(record.when.enddate).is_none_or(|(first, last)| first <= last));
    }
    let ids: std::collections::HashSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids.len(), records.len(), "ids tell the records of {text:?} apart");
}

/// Everything that is written out, as one text.
fn written(doc: &Document, records: &[Record]) -> String {
    let rows: String = json::records(doc, records).iter().map(csv::line).collect();
    [json::lines(doc, records), rows, layers::line(doc), conllu::print(doc)].concat()
}

#[test]
fn spans_of_layers_and_records_quote_the_text_and_twice_is_the_same() {
    let coder = Coder::english().unwrap();
    let mut found = 0;
    for report in reports() {
        let (doc, records) = coded(&coder, &report);
        assert_contract(&report, &doc, &records);
        for json in json::records(&doc, &records) {
            let read_back = json::parse(&report.text, &json).unwrap();
            assert_eq!(read_back.mentions.len(), json.mentions.len());
        }
        let (again, records_again) = coded(&coder, &report);
        assert_eq!(written(&doc, &records), written(&again, &records_again));
        found += records.len();
    }
    assert!(found > 50, "{found} records: too few to have tested anything");
}

#[test]
fn a_window_has_the_same_vectors_alone_and_in_any_company() {
    let model = Model::english();
    let sentences: Vec<String> = lexicon::examples().into_iter().map(|example| example.text).step_by(12).collect();
    let windows: Vec<_> = sentences
        .iter()
        .map(|text| {
            let words = tokens(text);
            let begins = |n| if n == 0 { Begins::Paragraph } else { Begins::Nothing };
            model.windows(words.iter().enumerate().map(|(n, word)| (word.span.of(text), begins(n)))).remove(0).1
        })
        .collect();
    let bits = |vectors: &[f32]| vectors.iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
    let together = model.words(&windows);
    let backwards = model.words(&windows.iter().rev().cloned().collect::<Vec<_>>());
    assert!(windows.len() > 20 && together.len() == windows.len());
    for (n, window) in windows.iter().enumerate() {
        let alone = &model.words(std::slice::from_ref(window))[0];
        for other in [&together[n], &backwards[windows.len() - 1 - n]] {
            assert_eq!(bits(&alone.words), bits(&other.words), "{:?}", sentences[n]);
            assert_eq!(bits(&alone.cls), bits(&other.cls), "{:?}", sentences[n]);
        }
    }
}

#[test]
fn odd_texts_survive() {
    let coder = Coder::english().unwrap();
    let bullets = "- Police raided a bank\n- * Two men held\n• \n•• Army shelled Aleppo\n1) 2) 3)\n".repeat(3);
    let long_word = "raid".repeat(3000);
    let marks = "!?…—\"".repeat(400);
    let texts = [
        "",
        " ",
        "\n\n\n\n",
        "\r\n\t\u{a0}\u{2028}",
        "Raid",
        ".",
        "\"",
        "’s",
        "-",
        "0",
        "\0",
        "Police\0raided\0homes in\u{1}Lima.",
        "🚓🔥👨‍👩‍👧‍👦 Police 🚨 raided 🏠🏠 in Lima 🇵🇪.",
        "שוטרים פשטו על בתים\u{202e} Police raided homes in Haifa \u{202c}",
        "داهمت الشرطة منازل، Police detained 12 men in Aleppo.",
        "警察が家を捜索した。Police raided homes in 東京。",
        "POLICE RAID HOMES IN ISTANBUL, 45 HELD\nGUNMEN KILLED 39 PEOPLE ON NEW YEAR'S DAY, OFFICIALS SAID",
        "police raided homes in istanbul on monday and detained 45 people",
        "e\u{301}\u{301}\u{301}lite ﬁghters ǅ ẞ İstanbul K",
        "Police raided. . . homes?!?! (on [Monday {and} Tuesday",
        "He said \"she said 'they said “police raided homes",
        "99999999999999999999999999 people died on February 31, 99999",
        "minus -45 to 12 people, between 9 and 3, zero of 1/0 killed",
        "killed killed killed killed killed killed killed killed",
        "http://example.com/police-raid?x=1&y=2#z @police #raid a@b.c",
        "Police raided homes\u{feff}in\u{200b}Lima\u{ad}.",
        "\u{d7ff}\u{e000}\u{fffd}\u{10ffff}",
        &bullets,
        &long_word,
        &marks,
    ];
    for text in texts {
        for report in [report(text), Report { text: text.to_owned(), ..Report::default() }] {
            let (doc, records) = coded(&coder, &report);
            assert_contract(&report, &doc, &records);
            written(&doc, &records);
        }
    }
}
