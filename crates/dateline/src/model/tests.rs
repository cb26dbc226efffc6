//! Tests of the whole model on random weights, made here; what they need is sizes, not sense.

use super::encoder::{Begins, Encoded, Encoder, Scratch, Window};
use super::heads::{Model, WINDOW_PIECES};
use super::kernels::tests::Random;
use super::lanes::Path;
use super::weights::{Weights, tests::Writer};
use super::wordpiece::{WordPiece, tests::VOCABULARY};

/// Sizes of a random model.
struct Sizes {
    vocabulary: usize,
    hidden: usize,
    layers: usize,
    inner: usize,
    small: usize,
    lemmas: usize,
    /// Dependency relations; there is one role less.
    relations: usize,
}

const TINY: Sizes = Sizes { vocabulary: 40, hidden: 64, layers: 2, inner: 80, small: 24, lemmas: 19, relations: 4 };
const FULL: Sizes =
    Sizes { vocabulary: 30_522, hidden: 384, layers: 6, inner: 1536, small: 128, lemmas: 300, relations: 40 };

const LABELS: &str = r#"{"upos": ["NOUN", "VERB", "PUNCT"], "deprel": [RELATIONS], "ner": ["O", "B-PER"],
    "lemma": [LEMMAS], "roles": [ROLES], "modes": ["arrest", "seize"], "themes": ["police", "war"],
    "cert": ["a", "b", "c"], "version": 1}"#;

impl Sizes {
    fn labels(&self) -> String {
        let list = |count: usize| (0..count).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(",");
        let labels = LABELS.replace("LEMMAS", &list(self.lemmas)).replace("RELATIONS", &list(self.relations));
        labels.replace("ROLES", &list(self.relations - 1))
    }

    fn weights(&self, skip: &str) -> &'static [u8] {
        let mut writer = Writer::default();
        let mut random = Random(42);
        let h = self.hidden;
        let mut matrix = |name: &str, rows: usize, columns: usize, bias: bool| {
            if name == skip {
                return;
            }
            let values: Vec<i8> = (0..rows * columns).map(|_| (random.next() % 255) as u8 as i8).collect();
            // A spread that keeps the activations near 1, as trained weights do.
            let scales =
                random.floats(rows, 0.2).iter().map(|v| (v + 0.6) / 60.0 / (columns as f32).sqrt()).collect::<Vec<_>>();
            writer.matrix(name, &[rows, columns], &values.iter().map(|&v| v.max(-127)).collect::<Vec<_>>(), &scales);
            if bias {
                writer.floats(&format!("{name}.b"), &[rows], &random.floats(rows, 0.3));
            }
        };
        matrix("word", self.vocabulary, h, false);
        for n in 0..self.layers {
            for (name, rows, columns) in [("qkv", 3 * h, h), ("o", h, h), ("i", self.inner, h), ("f", h, self.inner)] {
                matrix(&format!("layers.{n}.{name}"), rows, columns, true);
            }
        }
        let s = self.small;
        let heads =
            [("sent", 2), ("tag", 3), ("lemma", self.lemmas), ("ner", 2), ("ad", h), ("ah", h), ("ld", s), ("lh", s)];
        let events = [("trig1", h), ("trig2", 17), ("mode", 2), ("aux", 4), ("cert", 3), ("basis", 3)];
        let others = [("argt", s), ("arga", s), ("ctx", 2), ("att", 6)];
        for (name, rows) in heads.into_iter().chain(events).chain(others) {
            matrix(name, rows, h, true);
        }
        matrix("U", h + 1, h, false);
        matrix("V", self.relations * (s + 1), s + 1, false);
        matrix("A", (self.relations - 1) * (s + 1), s + 1, false);
        let mut random = Random(43);
        writer.floats("pos", &[512, h], &random.floats(512 * h, 0.2));
        writer.floats("shape", &[10, h], &random.floats(10 * h, 0.2));
        writer.floats("brk", &[3, h], &random.floats(3 * h, 0.2));
        let norms = (0..self.layers).flat_map(|n| [1, 2].map(|l| format!("layers.{n}.l{l}"))).chain(["ln".to_owned()]);
        for name in norms {
            let weight: Vec<f32> = random.floats(h, 0.3).iter().map(|v| v + 1.0).collect();
            writer.floats(&format!("{name}.w"), &[h], &weight);
            writer.floats(&format!("{name}.b"), &[h], &random.floats(h, 0.1));
        }
        writer.bytes()
    }

    fn model(&self) -> Model {
        Model::new(self.weights(""), VOCABULARY, &self.labels()).unwrap()
    }
}

const WORDS: [&str; 12] = ["Police", "raided", "homes", "in", "Istanbul", "-", ".", "45th", "京都", "", "TURKISH", "a"];

fn window(pieces: &WordPiece, words: usize, seed: u64) -> Window {
    let mut random = Random(seed);
    let mut window = Window::new(pieces, 512);
    for n in 0..words {
        let begins = if n == 0 {
            Begins::Title
        } else if n % 7 == 0 {
            Begins::Paragraph
        } else {
            Begins::Nothing
        };
        window.push(pieces, WORDS[random.next() as usize % WORDS.len()], begins);
    }
    window
}

/// A window's vectors as bits: its own, then its words'.
fn bits(encoded: &Encoded, window: usize) -> Vec<u32> {
    encoded.cls(window).iter().chain(encoded.words(window)).map(|v| v.to_bits()).collect()
}

#[test]
fn windows_give_the_same_bits_alone_in_any_batch_and_on_any_path() {
    let weights = Weights::new("m", TINY.weights("")).unwrap();
    let pieces = WordPiece::new("v", VOCABULARY).unwrap();
    let encoder = Encoder::new(&weights).unwrap();
    let windows: Vec<Window> =
        [0, 1, 3, 90, 17, 200, 40, 2, 150, 64].iter().map(|&n| window(&pieces, n, n as u64)).collect();
    let mut scratch = Scratch::default();
    let alone: Vec<Vec<u32>> = windows
        .iter()
        .map(|w| bits(&encoder.encode(Path::best(), std::slice::from_ref(w), &mut Scratch::default()), 0))
        .collect();
    for (w, bits) in windows.iter().zip(&alone) {
        assert_eq!(bits.len(), (w.words() + 1) * 64);
    }
    for path in Path::available() {
        let together = encoder.encode(path, &windows, &mut scratch);
        let backwards: Vec<Window> = windows.iter().rev().cloned().collect();
        let reversed = encoder.encode(path, &backwards, &mut scratch);
        for (n, alone) in alone.iter().enumerate() {
            assert_eq!(*alone, bits(&together, n), "window {n}, {path:?}");
            assert_eq!(*alone, bits(&reversed, windows.len() - 1 - n), "window {n} backwards, {path:?}");
        }
    }
    assert_eq!(encoder.encode(Path::best(), &[], &mut scratch).windows(), 0);
}

#[test]
fn quantised_activations_stay_near_the_exact_pass() {
    let weights = Weights::new("m", TINY.weights("")).unwrap();
    let pieces = WordPiece::new("v", VOCABULARY).unwrap();
    let encoder = Encoder::new(&weights).unwrap();
    let windows = [window(&pieces, 30, 5)];
    let exact = encoder.encode(Path::Exact, &windows, &mut Scratch::default());
    let fast = encoder.encode(Path::best(), &windows, &mut Scratch::default());
    let (mut off, mut size) = (0.0, 0.0);
    for (a, b) in exact.words(0).iter().zip(fast.words(0)) {
        off += (a - b).powi(2);
        size += a * a;
    }
    assert!(off > 0.0 && off / size < 1e-3, "relative square error {}", off / size);
}

#[test]
fn every_head_answers_for_every_word_of_any_window() {
    let model = TINY.model();
    for words in [0, 1, 2, 31] {
        let window = window(&model.pieces, words, 3);
        let output = &model.words(&[window])[0];
        assert_eq!((output.cls.len(), output.words.len()), (64, words * 64));
        assert_eq!(model.sentence_starts(output).len(), words);
        for (table, columns) in [(model.upos(output), 3), (model.lemma_rules(output), 19), (model.ner(output), 2)] {
            assert_eq!((table.rows().len(), table.columns), (words, columns));
            assert!(table.best().iter().all(|&b| b < columns));
        }
        let half = words / 2;
        let backwards = std::ops::Range { start: 9, end: 4 };
        let sentences = model.parse(output, &[0..half, half..words + 5, backwards.clone(), 1000..2000]);
        assert_eq!(sentences.iter().map(Vec::len).collect::<Vec<_>>(), [half, words - half, 0, 0]);
        for (sentence, range) in sentences.iter().zip([0..half, half..words]) {
            assert!(sentence.iter().all(|arc| arc.label < 4 && arc.head.is_none_or(|h| range.contains(&h))));
            assert_eq!(sentence.iter().filter(|arc| arc.head.is_none()).count(), usize::from(!sentence.is_empty()));
        }
        let triggers = model.triggers(output, &[]);
        for row in triggers.scores.rows() {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5 && row.len() == 17);
        }
        let asked: Vec<usize> = (0..words.min(2)).chain([words + 3]).collect();
        assert_eq!(model.status(&triggers, &asked).len(), words.min(2));
        let roles = model.roles(output, &asked);
        for (n, role) in (0..asked.len()).flat_map(|n| (0..3).map(move |role| (n, role))) {
            assert_eq!(roles.words(n, role).len(), words);
        }
        assert_eq!(model.themes(output).len(), 2);
    }
    assert_eq!(model.labels.list("cert"), ["a", "b", "c"]);
    assert!(model.labels.list("version").is_empty());
}

#[test]
fn long_paragraphs_and_reports_fall_into_windows_that_hold_every_word_once() {
    let model = TINY.model();
    let words = |count: usize, paragraph: usize| -> Vec<(&str, Begins)> {
        (0..count)
            .map(|n| {
                let begins = if n == 0 {
                    Begins::Title
                } else if n % paragraph == 0 {
                    Begins::Paragraph
                } else {
                    Begins::Nothing
                };
                (if n % 10 == 9 { "." } else { "Police" }, begins)
            })
            .collect()
    };
    for (count, paragraph) in [(0, 1), (1, 1), (318, 1000), (319, 1000), (2000, 50), (2000, 5000), (700, 317), (700, 1)]
    {
        let windows = model.windows(words(count, paragraph));
        let mut at = 0;
        for (range, window) in &windows {
            assert_eq!((range.start, range.len()), (at, window.words()));
            assert!(window.pieces() <= WINDOW_PIECES && !range.is_empty());
            at = range.end;
            let breaks = at == count || at % paragraph == 0;
            assert!(
                breaks || (paragraph > 318 && at % 10 == 0),
                "{count} words, paragraphs of {paragraph}: cut at {at}"
            );
        }
        assert_eq!(at, count);
    }
}

#[test]
fn models_that_do_not_fit_are_errors_that_say_so() {
    let message =
        |weights, vocabulary, labels: &str| Model::new(weights, vocabulary, labels).err().unwrap().to_string();
    let missing = message(TINY.weights("lh"), VOCABULARY, &TINY.labels());
    assert!(missing.starts_with("model.bin: tensor lh.q not found among "), "{missing}");
    let fewer = TINY.labels().replace("\"VERB\", ", "");
    assert_eq!(message(TINY.weights(""), VOCABULARY, &fewer), "model.bin: tensor tag.q: 3 x 64 found, 2 x 64 expected");
    let none = TINY.labels().replace("\"themes\"", "\"other\"");
    assert_eq!(
        message(TINY.weights(""), VOCABULARY, &none),
        "labels.json: no list \"themes\" found; model and program differ"
    );
    let long = Vec::leak([VOCABULARY.as_bytes(), "\nx".repeat(40).as_bytes()].concat());
    let rows = message(TINY.weights(""), std::str::from_utf8(long).unwrap(), &TINY.labels());
    assert_eq!(rows, "model.bin: tensor word.q: 40 rows found for the 69 lines of vocab.txt");
}

/// Seconds of processor time this thread has used, or of the wall clock where the system does not tell.
fn seconds() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let wall = START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64();
    let used = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds: Option<f64> = used.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or(wall, |ns| ns / 1e9)
}

/// Speed of one core; not a test of anything: `cargo test --release -p dateline --lib model::tests::speed -- --ignored
/// --nocapture`.
#[test]
#[ignore = "measures speed, on a full-sized random model"]
fn speed() {
    let bytes = FULL.weights("");
    let begin = seconds();
    let model = Model::new(bytes, VOCABULARY, &FULL.labels()).unwrap();
    println!("ready in {:.1} ms", (seconds() - begin) * 1e3);
    let encoder = Encoder::new(&Weights::new("m", bytes).unwrap()).unwrap();
    let begin = seconds();
    let count = 20_000;
    for n in 0..count {
        window(&model.pieces, 40, n);
    }
    println!("word pieces: {:.2} million words/s", count as f64 * 40e-6 / (seconds() - begin));
    let windows = vec![window(&model.pieces, 240, 1); 4];
    let outputs = model.words(&windows);
    let sentences: Vec<_> = (0..10).map(|n| n * 24..(n + 1) * 24).collect();
    let timed = |name: &str, head: &dyn Fn(&super::WindowOutput)| {
        let (begin, mut rounds) = (seconds(), 0);
        // The system counts processor time coarsely, so short calls are timed in bulk.
        while seconds() - begin < 0.4 {
            (0..10).for_each(|_| outputs.iter().for_each(head));
            rounds += 10;
        }
        println!("{name}: {:.1} µs a word", (seconds() - begin) * 1e6 / f64::from(rounds * 960));
    };
    timed("sentences, tags, lemmas, names", &|output| {
        model.sentence_starts(output);
        model.upos(output);
        model.lemma_rules(output);
        model.ner(output);
    });
    timed("parse", &|output| drop(model.parse(output, &sentences)));
    timed("triggers and status of 12", &|output| {
        model.status(&model.triggers(output, &[]), &(0..12).collect::<Vec<_>>());
    });
    timed("roles of 12", &|output| drop(model.roles(output, &(0..12).collect::<Vec<_>>())));
    let mut scratch = Scratch::default();
    for path in Path::available().into_iter().rev() {
        for length in [40, 128, 320] {
            let one = |n: usize| {
                let mut window = Window::new(&model.pieces, length);
                while window.push(&model.pieces, WORDS[(window.words() * 7 + n) % WORDS.len()], Begins::Nothing) {}
                window
            };
            let windows: Vec<Window> = (0..if path == Path::Portable { 1 } else { 2560 / length }).map(one).collect();
            let pieces: usize = windows.iter().map(Window::pieces).sum();
            let mut best = f64::INFINITY;
            for _ in 0..if path == Path::best() { 12 } else { 2 } {
                let begin = seconds();
                encoder.encode(path, &windows, &mut scratch);
                best = best.min(seconds() - begin);
            }
            println!("{path:?}, windows of {length}: {:.0} pieces/s", pieces as f64 / best);
        }
    }
}
