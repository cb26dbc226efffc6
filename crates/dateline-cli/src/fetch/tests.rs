//! Fetching from servers on this machine, which only tests may reach.

use super::*;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// A server of one test: it answers each path as the test says.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    pub connections: Arc<AtomicUsize>,
}

impl Server {
    /// `answer` gets the head of the request and writes the reply.
    pub fn new(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (asked_too, connections_too, answer) = (Arc::clone(&asked), Arc::clone(&connections), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections_too.fetch_add(1, Ordering::SeqCst);
                let (asked, answer) = (Arc::clone(&asked_too), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut head = String::new();
                    let mut lines = BufReader::new(stream.try_clone().unwrap());
                    while lines.read_line(&mut head).is_ok_and(|bytes| bytes > 2) {}
                    asked.lock().unwrap().push(head.clone());
                    let mut stream = stream;
                    answer(&head, &mut stream);
                });
            }
        });
        Server { address, asked, connections }
    }

    /// A server of fixed replies by path; other paths are not found.
    pub fn of(pages: Vec<(&'static str, String)>) -> Server {
        Server::new(move |head, to| {
            let path = head.split(' ').nth(1).unwrap_or("");
            let reply = pages.iter().find(|(page, _)| *page == path).map(|(_, reply)| reply.clone());
            to.write_all(reply.unwrap_or_else(|| reply_of("404 Not Found", "", "nothing")).as_bytes()).unwrap();
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The paths asked for.
    pub fn paths(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|head| head.split(' ').nth(1).unwrap_or("").to_string()).collect()
    }

    /// The heads of all requests.
    pub fn heads(&self) -> String {
        self.asked.lock().unwrap().join("\n")
    }
}

/// A reply with a length; `headers` end with line ends.
pub fn reply_of(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

pub fn ok(body: &str) -> String {
    reply_of("200 OK", "Content-Type: text/html\r\n", body)
}

fn redirect(to: &str) -> String {
    reply_of("302 Found", &format!("Location: {to}\r\n"), "")
}

const FAST: Limits = Limits { body_bytes: 1 << 20, total: Duration::from_secs(10), gap: Duration::ZERO };

/// As [`FAST`], with little patience.
const HASTY: Limits = Limits { total: Duration::from_millis(600), ..FAST };

/// A fetcher that may reach these servers and no other on this machine.
pub fn fetcher(servers: &[&Server]) -> Fetcher {
    let exceptions = servers.iter().map(|server| server.address).collect();
    Fetcher::with(Guard::of_tests(DefaultResolver::default(), exceptions), FAST, None)
}

fn page(fetcher: &Fetcher, address: &str) -> Result<Page, Problem> {
    match fetcher.get(address, &Validators::default())? {
        Answer::Page(page) => Ok(*page),
        Answer::Unchanged(_) => panic!("not asked for"),
    }
}

fn refusal(fetcher: &Fetcher, address: &str) -> String {
    page(fetcher, address).expect_err("fetched").message
}

/// Names with the addresses they have, one list for each time they are asked for; the last list is for all later times.
#[derive(Debug)]
struct Names(Vec<(&'static str, Vec<Vec<SocketAddr>>)>, AtomicUsize);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let time = self.1.fetch_add(1, Ordering::SeqCst);
        let (_, answers) =
            self.0.iter().find(|(name, _)| Some(*name) == uri.host()).ok_or(ureq::Error::HostNotFound)?;
        let mut found = self.empty();
        answers[time.min(answers.len() - 1)].iter().for_each(|address| found.push(*address));
        Ok(found)
    }
}

#[test]
fn a_page_is_fetched_with_our_name_and_after_robots_txt() {
    let server = Server::of(vec![("/a?b=1", ok("<p>Police raided homes."))]);
    let page = page(&fetcher(&[&server]), &server.url("/a?b=1#part")).unwrap();
    assert_eq!(
        (page.bytes.as_slice(), page.media.as_deref()),
        (b"<p>Police raided homes.".as_slice(), Some("text/html"))
    );
    assert_eq!(page.address, server.url("/a?b=1"));
    assert_eq!(server.paths(), ["/robots.txt", "/a?b=1"]);
    let heads = server.heads().to_lowercase();
    assert!(heads.contains(&format!("user-agent: dateline/{}\r\n", env!("CARGO_PKG_VERSION"))), "{heads}");
    assert!(!heads.contains("cookie") && !heads.contains("referer"), "{heads}");
}

#[test]
fn who_runs_it_can_be_named() {
    let server = Server::of(vec![("/", ok("x"))]);
    let guard = Guard::of_tests(DefaultResolver::default(), vec![server.address]);
    page(&Fetcher::with(guard, FAST, Some("mailto:ada@town.example\r\nX: (y)")), &server.url("/")).unwrap();
    assert!(server.heads().contains("(+mailto:ada@town.exampleX:y)\r\n"), "{}", server.heads());
}

#[test]
fn loopback_and_private_addresses_are_refused() {
    let server = Server::of(vec![("/", ok("secret"))]);
    let fetcher = Fetcher::with(Guard::new(), FAST, None);
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::]"] {
        let message = refusal(&fetcher, &format!("http://{host}:{port}/"));
        assert!(message.contains("not on the public internet"), "{host}: {message}");
    }
    for host in ["10.0.0.1", "169.254.169.254", "[fd00::1]", "[64:ff9b::7f00:1]", "100.64.0.1"] {
        assert!(refusal(&fetcher, &format!("https://{host}/")).contains("not on the public internet"), "{host}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn redirects_are_checked_as_the_first_address_was() {
    let secret = Server::of(vec![("/", ok("secret"))]);
    let inside = secret.url("/");
    let local = format!("http://localhost:{}/", secret.address.port());
    let server = Server::of(vec![
        ("/inside", redirect(&inside)),
        ("/local", redirect(&local)),
        ("/port80", redirect("http://127.0.0.1/")),
        ("/metadata", redirect("http://169.254.169.254/latest/meta-data/")),
        ("/file", redirect("file:///etc/passwd")),
        ("/data", redirect("data:text/html,hello")),
        ("/named", redirect("http://ada:secret@town.example/")),
        ("/odd", redirect("http://[::1/")),
        ("/loop", redirect("/loop")),
        ("/there", redirect("here")),
        ("/here", ok("found")),
    ]);
    let fetcher = fetcher(&[&server]);
    let refusal = |path: &str| refusal(&fetcher, &server.url(path));
    assert_eq!(
        refusal("/inside"),
        format!("redirects to {inside}: leads to port {}, expected 80 or 443", secret.address.port())
    );
    assert!(refusal("/local").contains("leads to port"));
    for path in ["/port80", "/metadata"] {
        assert!(refusal(path).contains("not on the public internet"), "{path}: {}", refusal(path));
    }
    assert_eq!(refusal("/file"), "redirects to file:///etc/passwd: file: is not fetched, only http and https are");
    assert!(refusal("/data").contains("only http and https"));
    assert!(refusal("/named").contains("user name or password"));
    assert!(refusal("/odd").contains("which is no address"));
    assert_eq!(refusal("/loop"), "redirects more than 5 times");
    assert_eq!(page(&fetcher, &server.url("/there")).unwrap().address, server.url("/here"));
    assert_eq!(secret.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn a_name_with_a_private_address_is_refused_and_the_address_checked_is_the_one_used() {
    let server = Server::of(vec![("/", ok("page"))]);
    let secret = Server::of(vec![("/", ok("secret"))]);
    let port = server.address.port();
    let names = Names(
        vec![
            ("inside.example", vec![vec![secret.address, "[fd00::1]:80".parse().unwrap()]]),
            ("both.example", vec![vec![secret.address, server.address]]),
            // Another answer each time: public when checked, private when asked again.
            ("rebound.example", vec![vec![server.address], vec![server.address], vec![secret.address]]),
        ],
        AtomicUsize::new(0),
    );
    let guard = Guard::of_tests(names, vec![server.address]);
    let fetcher = Fetcher::with(guard, FAST, None);
    let address = |name: &str| format!("http://{name}:{port}/");
    // Twice looked up, once for robots.txt and once for the page, each time checked and used.
    assert_eq!(page(&fetcher, &address("rebound.example")).unwrap().bytes, b"page");
    assert_eq!(
        refusal(&fetcher, &address("rebound.example")),
        "rebound.example is 127.0.0.1, which is not on the public internet; save the page and give the file"
    );
    assert!(refusal(&fetcher, &address("inside.example")).starts_with("inside.example is 127.0.0.1, which"));
    assert_eq!(page(&fetcher, &address("both.example")).unwrap().bytes, b"page");
    assert_eq!(refusal(&fetcher, &address("none.example")), "there is no such host, or no connection");
    assert_eq!(secret.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn large_pages_are_refused() {
    let lying = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nshort";
    let server = Server::new(move |head, to| {
        if head.starts_with("GET /lying") {
            let _ = to.write_all(lying.as_bytes());
        } else if head.starts_with("GET /endless") {
            let _ = to.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while to.write_all(&[b'x'; 1 << 16]).is_ok() {}
        } else {
            let _ = to.write_all(reply_of("404 Not Found", "", "").as_bytes());
        }
    });
    for path in ["/lying", "/endless"] {
        let message = refusal(&fetcher(&[&server]), &server.url(path));
        assert_eq!(message, "is larger than 1 MB; save it and give the file", "{path}");
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..200 {
        packer.write_all(&[0; 1 << 20]).unwrap();
    }
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 1 << 18);
    let server = Server::new(move |head, to| {
        if head.starts_with("GET /robots") {
            return to.write_all(reply_of("404 Not Found", "", "").as_bytes()).unwrap();
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
        to.write_all(head.as_bytes()).unwrap();
        let _ = to.write_all(&bomb);
    });
    let message = refusal(&fetcher(&[&server]), &server.url("/"));
    assert_eq!(message, "is larger than 1 MB; save it and give the file");
}

#[test]
fn a_length_that_lies_is_noticed_or_kept_to() {
    let server = Server::of(vec![
        ("/less", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n<p>Police raided".to_string()),
        ("/more", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345678".to_string()),
        (
            "/both",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 8\r\nConnection: close\r\n\r\n12345678"
                .to_string(),
        ),
        ("/text", "HTTP/1.1 200 OK\r\nContent-Length: many\r\nConnection: close\r\n\r\n12345678".to_string()),
    ]);
    let fetcher = fetcher(&[&server]);
    let less = page(&fetcher, &server.url("/less")).unwrap_err();
    assert!(less.passing, "{less:?}");
    assert_eq!(page(&fetcher, &server.url("/more")).unwrap().bytes, b"12345");
    for path in ["/both", "/text"] {
        if let Ok(page) = page(&fetcher, &server.url(path)) {
            assert!(b"12345678".starts_with(&page.bytes), "{path}: {page:?}");
        }
    }
}

#[test]
fn slow_servers_are_given_up() {
    let hasty =
        |server: &Server| Fetcher::with(Guard::of_tests(DefaultResolver::default(), vec![server.address]), HASTY, None);
    let server = Server::new(|head, to| match head {
        head if head.starts_with("GET /robots") => to.write_all(reply_of("404 Not Found", "", "").as_bytes()).unwrap(),
        head => {
            let slow_body = head.starts_with("GET /body");
            let _ =
                to.write_all(if slow_body { "HTTP/1.1 200 OK\r\n\r\n" } else { "HTTP/1.1 200 OK\r\nX: " }.as_bytes());
            while to.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
    for path in ["/head", "/body"] {
        let started = Instant::now();
        let problem = page(&hasty(&server), &server.url(path)).unwrap_err();
        assert!(problem.message.starts_with("takes too long") && problem.passing, "{path}: {problem:?}");
        assert!(started.elapsed() < Duration::from_secs(8), "{path}: {:?}", started.elapsed());
    }
    // A chain of redirects has no more time than one page.
    let server = Server::new(|head, to| {
        if !head.starts_with("GET /robots") {
            std::thread::sleep(Duration::from_millis(250));
        }
        let _ = to.write_all(redirect("/again?").as_bytes());
    });
    assert!(refusal(&hasty(&server), &server.url("/")).contains("takes too long"));
}

#[test]
fn endless_headers_are_refused() {
    let server = Server::new(|head, to| {
        if head.starts_with("GET /robots") {
            return to.write_all(reply_of("404 Not Found", "", "").as_bytes()).unwrap();
        }
        let _ = to.write_all(b"HTTP/1.1 200 OK\r\n");
        for n in 0..100_000 {
            if to.write_all(format!("X-{n}: {}\r\n", "y".repeat(100)).as_bytes()).is_err() {
                return;
            }
        }
    });
    assert!(page(&fetcher(&[&server]), &server.url("/")).is_err());
}

#[test]
fn robots_txt_is_obeyed() {
    let rules = "User-agent: dateline\nDisallow: /private\n";
    let server = Server::of(vec![
        ("/robots.txt", ok(rules)),
        ("/a", ok("a")),
        ("/private", ok("b")),
        ("/there", redirect("/private")),
    ]);
    let one = fetcher(&[&server]);
    assert!(page(&one, &server.url("/a")).is_ok());
    for path in ["/private", "/there"] {
        let problem = page(&one, &server.url(path)).unwrap_err();
        assert_eq!(
            (problem.message.as_str(), problem.passing),
            ("robots.txt of 127.0.0.1 asks programs not to fetch this page", false)
        );
    }
    assert_eq!(server.paths(), ["/robots.txt", "/a", "/there"], "asked for once, and nothing that it forbids");
}

#[test]
fn a_site_that_cannot_say_is_left_alone() {
    let server = Server::of(vec![
        ("/robots.txt", reply_of("503 Service Unavailable", "Retry-After: 120\r\n", "")),
        ("/a", ok("a")),
    ]);
    let fetcher = fetcher(&[&server]);
    for _ in 0..2 {
        let problem = page(&fetcher, &server.url("/a")).unwrap_err();
        assert_eq!(problem.message, "robots.txt could not be read: the server answers 503 (service unavailable)");
        assert_eq!((problem.passing, problem.wait), (true, Some(Duration::from_secs(120))));
    }
    assert_eq!(server.paths(), ["/robots.txt"]);
}

#[test]
fn robots_txt_cannot_lead_inside() {
    let secret = Server::of(vec![("/robots.txt", ok("User-agent: *\nDisallow: /"))]);
    let server = Server::of(vec![("/robots.txt", redirect("http://127.0.0.1/robots.txt")), ("/a", ok("a"))]);
    assert!(refusal(&fetcher(&[&server]), &server.url("/a")).contains("not on the public internet"));
    assert_eq!(secret.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn pages_that_have_not_changed_are_not_sent_again() {
    let server = Server::new(|head, to| {
        let known =
            head.to_lowercase().contains("if-none-match: \"v1\"\r\n") && head.contains("Wed, 04 Mar 2020 10:00:00 GMT");
        let validators =
            "ETag: \"v1\"\r\nLast-Modified: Wed, 04 Mar 2020 10:00:00 GMT\r\nCache-Control: public, max-age=900\r\n";
        let reply = match head {
            head if head.starts_with("GET /robots") => reply_of("404 Not Found", "", ""),
            _ if known => format!("HTTP/1.1 304 Not Modified\r\n{validators}\r\n"),
            _ => reply_of("200 OK", validators, "page"),
        };
        to.write_all(reply.as_bytes()).unwrap();
    });
    let fetcher = fetcher(&[&server]);
    let first = page(&fetcher, &server.url("/")).unwrap();
    assert_eq!(first.fresh, Some(Duration::from_secs(900)));
    let second = fetcher.get(&server.url("/"), &first.validators).unwrap();
    assert!(matches!(second, Answer::Unchanged(Some(fresh)) if fresh == Duration::from_secs(900)), "{second:?}");
}

#[test]
fn what_servers_answer_is_told() {
    let server = Server::of(vec![
        ("/gone", reply_of("410 Gone", "", "")),
        ("/busy", reply_of("429 Too Many Requests", "Retry-After: 30\r\n", "")),
        ("/down", reply_of("502 Bad Gateway", "", "")),
        ("/junk", "SSH-2.0-OpenSSH\r\n\r\n".to_string()),
    ]);
    let fetcher = fetcher(&[&server]);
    let told = |path: &str| {
        page(&fetcher, &server.url(path)).map(|page| page.bytes).map_err(|p| (p.message, p.passing, p.wait))
    };
    assert_eq!(told("/none"), Err(("the server answers 404 (not found)".to_string(), false, None)));
    assert_eq!(told("/gone"), Err(("the server answers 410 (gone)".to_string(), false, None)));
    assert_eq!(
        told("/busy"),
        Err(("the server answers 429 (too many requests)".to_string(), true, Some(Duration::from_secs(30))))
    );
    assert!(matches!(told("/down"), Err((_, true, None))));
    assert!(told("/junk").is_err());
}

#[test]
fn https_speaks_tls_and_nothing_in_the_open() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let said = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut said = [0; 3];
        stream.read_exact(&mut said).unwrap();
        stream.write_all(ok("in the open").as_bytes()).unwrap();
        said
    });
    let guard = Guard::of_tests(DefaultResolver::default(), vec![address]);
    let problem = page(&Fetcher::with(guard, FAST, None), &format!("https://{address}/")).unwrap_err();
    assert_eq!(said.join().unwrap()[..2], [22, 3], "a TLS handshake (RFC 8446, 5.1)");
    assert!(problem.passing, "{problem:?}");
}
