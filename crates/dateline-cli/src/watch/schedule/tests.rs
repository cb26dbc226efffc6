//! Rounds through feeds on a server of this machine.

use super::*;
use crate::fetch::tests::{Server, fetcher, ok, reply_of};
use dateline::formats::ReadOptions;
use std::io::Write;
use std::path::PathBuf;

const EVERY: Duration = Duration::from_secs(900);

/// A folder, a book of one feed, and what visits it.
struct Town {
    folder: PathBuf,
    book: Book,
    visitor: Visitor,
    stop: Stop,
}

impl Town {
    fn new(name: &str, servers: &[&Server], address: String, pages: bool) -> Town {
        let folder = std::env::temp_dir().join(format!("dateline-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let feed = Feed { title: Some("Town Post".to_string()), address };
        let book = Book::open(&folder.join("news.dateline"), vec![feed]).unwrap();
        let stop = Stop::default();
        let visitor = Visitor { fetcher: fetcher(servers), options: ReadOptions::default(), pages, stop: stop.clone() };
        Town { folder, book, visitor, stop }
    }

    /// A round at once, whenever the feed wants to be asked: texts of new items, and what was told.
    fn round(&mut self) -> (Vec<String>, Vec<String>) {
        let address = self.book.listed[0].address.clone();
        let memory = crate::watch::feeds::Memory { not_before: None, ..self.book.memory(&address) };
        self.book.remember(&address, memory);
        let (mut texts, mut told) = (Vec::new(), Vec::new());
        let round = Round { visitor: &self.visitor, every: EVERY, once: true, stop: &self.stop };
        let mut take = |item: Item| {
            texts.push(item.report.text);
            Ok(())
        };
        let mut tell = |visit: &Visit| {
            told.push(format!("{:?} {} {:?}", visit.came, visit.taken, visit.problems));
            Ok(())
        };
        round.run(&mut self.book, &mut take, &mut tell).unwrap();
        (texts, told)
    }

    fn memory(&self) -> crate::watch::feeds::Memory {
        self.book.memory(&self.book.listed[0].address)
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Town Post</title><ttl>60</ttl>{items}</channel></rss>"
    )
}

const RAID: &str = "<item><title>Police raid homes</title>\
     <description>Police raided three homes in the old town on Monday.</description></item>";
const CLASH: &str =
    "<item><title>Troops clash</title><description>Troops clashed at the bridge on Tuesday.</description></item>";

#[test]
fn only_new_items_are_taken_and_unchanged_feeds_are_not_read() {
    let served = Arc::new(Mutex::new(("\"1\"", rss(RAID))));
    let now_served = Arc::clone(&served);
    let server = Server::new(move |head, to| {
        let (etag, feed) = served.lock().unwrap().clone();
        let reply = match head {
            head if head.starts_with("GET /robots") => reply_of("404 Not Found", "", ""),
            head if head.contains(etag) => "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_string(),
            _ => reply_of("200 OK", &format!("ETag: {etag}\r\n"), &feed),
        };
        to.write_all(reply.as_bytes()).unwrap();
    });
    let mut town = Town::new("new", &[&server], server.url("/rss"), false);
    let (texts, told) = town.round();
    assert_eq!(texts, ["Police raid homes\nPolice raided three homes in the old town on Monday."], "{told:?}");
    assert_eq!(told, ["Read 1 []"]);
    let wish = town.memory().not_before.unwrap().duration_since(Timestamp::now()).as_secs();
    assert!((3500..=3600).contains(&wish), "an hour, as its ttl says: {wish}");
    assert_eq!(town.round(), (vec![], vec!["Unchanged 0 []".to_string()]));
    *now_served.lock().unwrap() = ("\"2\"", rss(&format!("{CLASH}{RAID}")));
    let (texts, _) = town.round();
    assert_eq!(texts, ["Troops clash\nTroops clashed at the bridge on Tuesday."]);
    let written = std::fs::read_to_string(town.folder.join("news.dateline.feeds.json")).unwrap();
    assert!(written.contains("\\\"2\\\""), "{written}");
}

#[test]
fn a_feed_is_not_asked_before_it_wants_to_be() {
    let server = Server::of(vec![("/rss", rss(RAID)), ("/robots.txt", ok(""))]);
    let mut town = Town::new("due", &[&server], server.url("/rss"), false);
    let soon = Timestamp::now().checked_add(Duration::from_secs(600)).unwrap();
    let address = server.url("/rss");
    let memory = crate::watch::feeds::Memory { not_before: Some(soon), ..town.memory() };
    town.book.remember(&address, memory);
    let round = Round { visitor: &town.visitor, every: EVERY, once: true, stop: &town.stop };
    let counts = round.run(&mut town.book, &mut |_| panic!("taken"), &mut |_| panic!("asked")).unwrap();
    assert_eq!((counts, server.paths().len()), ((0, 1), 0));
    let left = until_next(&town.book, EVERY).as_secs();
    assert!((590..=600).contains(&left), "{left}");
    let memory = crate::watch::feeds::Memory { not_before: None, asked: Some(Timestamp::now()), ..town.memory() };
    town.book.remember(&address, memory);
    assert!(due(&town.book, &address, EVERY, true).is_none() && due(&town.book, &address, EVERY, false).is_some());
}

#[test]
fn failures_are_told_and_put_off_longer_each_time() {
    let server = Server::of(vec![("/rss", reply_of("503 Service Unavailable", "Retry-After: 40000\r\n", ""))]);
    let mut town = Town::new("fails", &[&server], server.url("/rss"), false);
    assert_eq!(town.round().1, ["Failed(\"the server answers 503 (service unavailable)\") 0 []"]);
    let left = |town: &Town| town.memory().not_before.unwrap().duration_since(Timestamp::now()).as_secs();
    assert!((39_900..=40_000).contains(&left(&town)), "{}", left(&town));
    let gone = Server::of(vec![]);
    let mut town = Town::new("gone", &[&gone], gone.url("/rss"), false);
    let pauses: Vec<i64> = (0..9).map(|_| (town.round(), left(&town)).1).collect();
    assert!((890..=900).contains(&pauses[0]) && (1790..=1800).contains(&pauses[1]), "{pauses:?}");
    assert!((86_000..=86_400).contains(&pauses[8]), "{pauses:?}");
}

#[test]
fn summaries_become_pages_where_that_is_wanted() {
    let text =
        "Police raided three homes in the old town on Monday and detained five men, the ministry said. ".repeat(4);
    let page = format!(
        "<!doctype html><html><head><title>Police raid homes</title></head><body><article>\
         <h1>Police raid homes</h1><p>{text}</p><p>{text}</p></article></body></html>"
    );
    let pages = [
        ("/robots.txt", ok("User-agent: *\nDisallow: /closed")),
        ("/raid", ok(&page)),
        ("/down", reply_of("503 No", "", "")),
    ];
    let server = Server::new(move |head, to| {
        let path = head.split(' ').nth(1).unwrap_or("");
        let host = head.lines().find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned)).unwrap();
        let item = |path: &str| {
            format!(
                "<item><title>{path}</title><link>http://{host}{path}</link><description>Short.</description></item>"
            )
        };
        let feed = || reply_of("200 OK", "ETag: \"1\"\r\n", &rss(&["/raid", "/closed", "/down"].map(item).concat()));
        let page = pages.iter().find(|(page, _)| *page == path).map_or_else(feed, |(_, page)| page.clone());
        to.write_all(page.as_bytes()).unwrap();
    });
    let mut town = Town::new("pages", &[&server], server.url("/rss"), true);
    let (texts, told) = town.round();
    assert!(texts[0].starts_with("Police raid homes\nPolice raided three homes"), "{texts:?} {told:?}");
    assert_eq!(texts[1..], ["/closed\nShort."]);
    assert_eq!(town.memory().tries.values().copied().collect::<Vec<_>>(), [1]);
    assert_eq!(town.round().0, Vec::<String>::new());
    assert_eq!(town.round().0, ["/down\nShort."], "given up after three visits");
    assert!(town.memory().tries.is_empty());
    assert_eq!(town.round().0, Vec::<String>::new());
    assert_eq!(server.paths().iter().filter(|path| *path == "/raid").count(), 1);
    assert!(!server.paths().contains(&"/closed".to_string()));
    let asked_for_changes = server.heads().to_lowercase().matches("if-none-match").count();
    assert_eq!(asked_for_changes, 1, "only when no page was still to be had");
}

#[test]
fn what_cannot_be_kept_is_read_again() {
    let server = Server::of(vec![("/rss", reply_of("200 OK", "", &rss(RAID)))]);
    let mut town = Town::new("kept", &[&server], server.url("/rss"), false);
    let round = Round { visitor: &town.visitor, every: EVERY, once: false, stop: &town.stop };
    let mut full = |_| Err(Failure::Message("the disk is full".to_string()));
    let counts = round.run(&mut town.book, &mut full, &mut |_| Ok(())).unwrap();
    assert_eq!(counts, (1, 0));
    assert!(town.memory().seen.is_empty() && town.memory().asked.is_some());
    assert!(until_next(&town.book, EVERY) > EVERY / 2, "and not at once");
    assert_eq!(town.round().0.len(), 1);
}

#[test]
fn what_is_no_feed_is_told_and_an_end_is_quick() {
    let server = Server::new(|head, to| {
        if head.starts_with("GET /slow") {
            std::thread::sleep(Duration::from_secs(30));
        }
        let _ =
            to.write_all(if head.starts_with("GET /robots") { reply_of("404 No", "", "") } else { ok("") }.as_bytes());
    });
    let mut town = Town::new("odd", &[&server], server.url("/rss"), false);
    let (_, told) = town.round();
    assert_eq!(told, ["Failed(\"expected a feed, found html\") 0 []"]);
    let mut town = Town::new("end", &[&server], server.url("/slow"), false);
    let stop = town.stop.clone();
    let started = std::time::Instant::now();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        stop.ask();
    });
    assert_eq!(town.round(), (vec![], vec![]));
    assert!(started.elapsed() < Duration::from_secs(5) && town.stop.wait(Duration::from_secs(60)));
}
