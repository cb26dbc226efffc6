//! Pages from the web, got politely and safely: only from the public internet, as robots.txt allows, one at a time from a host, of
//! limited size and time.

pub mod address;
mod hosts;
pub mod pages;
pub mod robots;
#[cfg(test)]
pub mod tests;

use address::{Guard, Refused};
use hosts::Hosts;
use robots::Robots;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, StatusCode, header};
use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Timeout};
use url::Url;

/// Redirects followed; each is checked as the first address was.
const REDIRECTS: usize = 5;
/// Bytes of robots.txt read: what RFC 9309 (2.5) asks for at least.
const ROBOTS_BYTES: usize = 500 << 10;
/// For how long a robots.txt is believed (RFC 9309, 2.4).
const ROBOTS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// For how long one that could not be read is taken for a refusal.
const ROBOTS_DOUBTED: Duration = Duration::from_secs(600);
/// Sites remembered.
const SITES: usize = 4096;

/// What a page may cost.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Bytes of the page, unpacked.
    body_bytes: usize,
    /// Time from the first look-up to the last byte, redirects included; pauses for politeness are not counted.
    total: Duration,
    /// Least pause between two requests to a host.
    gap: Duration,
}

const LIMITS: Limits = Limits { body_bytes: 10 << 20, total: Duration::from_secs(20), gap: Duration::from_secs(1) };

/// Gets pages. Clones share their memory of sites.
#[derive(Debug, Clone)]
pub struct Fetcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    agent: Agent,
    hosts: Hosts,
    /// What each site (scheme, host, port) asks of us, or why it could not say.
    robots: Mutex<HashMap<String, Known>>,
    limits: Limits,
}

/// A robots.txt and until when it is believed.
type Known = (Instant, Result<Arc<Robots>, Problem>);

/// What a server said that tells later whether a page has changed (RFC 9110, 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// Its mark of this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When it changed, as the server wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Where it was in the end.
    pub address: String,
    /// Its bytes, unpacked.
    pub bytes: Vec<u8>,
    /// Its media type, as the server says.
    pub media: Option<String>,
    /// What tells later whether it has changed.
    pub validators: Validators,
    /// For how long the server says it will not change.
    pub fresh: Option<Duration>,
}

/// What came of asking for a page.
#[derive(Debug)]
pub enum Answer {
    /// The page.
    Page(Box<Page>),
    /// It is as it was, and will be for so long.
    Unchanged(Option<Duration>),
}

/// Why a page was not got.
#[derive(Debug, Clone)]
pub struct Problem {
    /// For people, without the address.
    pub message: String,
    /// Whether it may work later.
    pub passing: bool,
    /// How long the site asks to be left alone.
    pub wait: Option<Duration>,
}

impl Problem {
    fn lasting(message: impl Into<String>) -> Self {
        Problem { message: message.into(), passing: false, wait: None }
    }

    fn passing(message: impl Into<String>) -> Self {
        Problem { message: message.into(), passing: true, wait: None }
    }
}

/// One answer of one server.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Fetcher {
    /// A fetcher that names itself `dateline/VERSION`, with `contact` (address or mail of who runs it) where one is given.
    pub fn new(contact: Option<&str>) -> Self {
        Fetcher::with(Guard::new(), LIMITS, contact)
    }

    fn with(guard: Guard, limits: Limits, contact: Option<&str>) -> Self {
        let contact = contact.or(option_env!("CARGO_PKG_REPOSITORY").filter(|address| !address.is_empty()));
        let plain =
            |contact: &str| contact.chars().filter(|c| c.is_ascii_graphic() && !"()".contains(*c)).collect::<String>();
        let contact = contact.map(|contact| format!(" (+{})", plain(contact))).unwrap_or_default();
        let config = Agent::config_builder()
            // A proxy would look names up itself, unchecked.
            .proxy(None)
            .user_agent(format!("{}/{}{contact}", robots::PRODUCT, env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(64 << 10)
            .build();
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        let agent = Agent::with_parts(config, connector, guard);
        Fetcher(Arc::new(Inner { agent, hosts: Hosts::default(), robots: Mutex::default(), limits }))
    }

    /// The page at `address`, which the user gave, unless it is as it was when it had `known`.
    ///
    /// # Errors
    /// As [`Fetcher::get_linked`].
    pub fn get(&self, address: &str, known: &Validators) -> Result<Answer, Problem> {
        self.get_linked(address, Some(address), known)
    }

    /// The page at `address`, to which something at `typed`, the address the user gave, links.
    ///
    /// # Errors
    /// A [`Problem`] where the address may not be fetched (its scheme, port, host or robots.txt), the server gives no page, or the page is
    /// too large or too slow.
    pub fn get_linked(&self, address: &str, typed: Option<&str>, known: &Validators) -> Result<Answer, Problem> {
        let first = address::parsed(address).map_err(Problem::lasting)?;
        let typed = typed.and_then(|typed| address::parsed(typed).ok());
        let told = |url: &Url, problem: Problem| match *url == first {
            true => problem,
            false => Problem { message: format!("redirects to {url}: {}", problem.message), ..problem },
        };
        let mut url = first.clone();
        let mut left = self.0.limits.total;
        for _ in 0..=REDIRECTS {
            address::allowed(&url, typed.as_ref()).map_err(|message| told(&url, Problem::lasting(message)))?;
            let robots = self.robots(&url, typed.as_ref()).map_err(|problem| told(&url, problem))?;
            if !robots.allows(&path(&url)) {
                let host = url.host_str().unwrap_or("");
                return Err(Problem::lasting(format!("robots.txt of {host} asks programs not to fetch this page")));
            }
            let delay = Some(robots.delay.unwrap_or_default());
            let (reply, took) = self.turn(&url, delay, |agent| {
                request(agent, &url, known, left, self.0.limits.body_bytes, TooLong::Refuse)
            })?;
            left = left.saturating_sub(took);
            let reply = reply.map_err(|problem| told(&url, problem))?;
            match target(&reply, &url) {
                None => return answer(reply, &url).map_err(|problem| told(&url, problem)),
                Some(next) => url = next.map_err(Problem::lasting)?,
            }
            if left.is_zero() {
                return Err(slow());
            }
        }
        Err(Problem::lasting(format!("redirects more than {REDIRECTS} times")))
    }

    /// Does `work` when it is the host's turn, and says how long it took.
    fn turn<T>(
        &self,
        url: &Url,
        delay: Option<Duration>,
        work: impl FnOnce(&Agent) -> T,
    ) -> Result<(T, Duration), Problem> {
        let host = url.host_str().unwrap_or("");
        self.0.hosts.turn(host, self.0.limits.gap, delay, || {
            let started = Instant::now();
            (work(&self.0.agent), started.elapsed())
        })
    }

    /// What the site of `url` asks of us, from memory where it is still believed. Of a site that cannot say, nothing is fetched for a while
    /// (RFC 9309, 2.3.1.4).
    fn robots(&self, url: &Url, typed: Option<&Url>) -> Result<Arc<Robots>, Problem> {
        let site = url.origin().ascii_serialization();
        let sites = || self.0.robots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = sites().get(&site).filter(|(until, _)| Instant::now() < *until) {
            return known.clone();
        }
        let robots = self.robots_text(url, typed);
        let robots = robots.map(|text| Arc::new(text.map_or_else(Robots::open, |text| Robots::parse(&text))));
        let kept = if robots.is_ok() { ROBOTS_KEPT } else { ROBOTS_DOUBTED };
        let mut sites = sites();
        if sites.len() >= SITES {
            sites.clear();
        }
        sites.insert(site, (Instant::now() + kept, robots.clone()));
        robots
    }

    /// The robots.txt of the site of `url`; `None` where it has none (RFC 9309, 2.3.1.3).
    fn robots_text(&self, url: &Url, typed: Option<&Url>) -> Result<Option<String>, Problem> {
        let mut url = url.join("/robots.txt").map_err(|error| Problem::lasting(error.to_string()))?;
        let mut left = self.0.limits.total;
        for _ in 0..=REDIRECTS {
            let robots = |message: String| Problem::lasting(format!("robots.txt is at {url}: {message}"));
            address::allowed(&url, typed).map_err(robots)?;
            let known = Validators::default();
            let (reply, took) =
                self.turn(&url, None, |agent| request(agent, &url, &known, left, ROBOTS_BYTES, TooLong::Cut))?;
            let reply = reply?;
            left = left.saturating_sub(took);
            match target(&reply, &url) {
                Some(next) => url = next.map_err(Problem::lasting)?,
                None if reply.status.is_success() => {
                    return Ok(Some(String::from_utf8_lossy(&reply.bytes).into_owned()));
                }
                None if reply.status.is_client_error() && reply.status != StatusCode::TOO_MANY_REQUESTS => {
                    return Ok(None);
                }
                None => {
                    let message = format!("robots.txt could not be read: {}", said(reply.status));
                    return Err(Problem { message, passing: true, wait: wait(&reply.headers) });
                }
            }
            if left.is_zero() {
                return Err(slow());
            }
        }
        Ok(None)
    }
}

/// What to do with what is too long.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TooLong {
    Refuse,
    Cut,
}

/// Asks for one page, without following redirects.
fn request(
    agent: &Agent,
    url: &Url,
    known: &Validators,
    total: Duration,
    most_bytes: usize,
    too_long: TooLong,
) -> Result<Reply, Problem> {
    let mut request = agent.get(url.as_str()).config().timeout_global(Some(total)).build();
    if let Some(etag) = &known.etag {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    if let Some(day) = &known.last_modified {
        request = request.header(header::IF_MODIFIED_SINCE, day);
    }
    let response = request.call().map_err(problem)?;
    let (parts, mut body) = response.into_parts();
    let mut reply = Reply { status: parts.status, headers: parts.headers, bytes: Vec::new() };
    if !reply.status.is_success() {
        return Ok(reply);
    }
    let large = || Problem::lasting(format!("is larger than {} MB; save it and give the file", most_bytes >> 20));
    if too_long == TooLong::Refuse && body.content_length().is_some_and(|length| length > most_bytes as u64) {
        return Err(large());
    }
    let read = body.as_reader().take(most_bytes as u64 + 1).read_to_end(&mut reply.bytes);
    read.map_err(|error| problem(ureq::Error::from(error)))?;
    if reply.bytes.len() > most_bytes {
        if too_long == TooLong::Refuse {
            return Err(large());
        }
        reply.bytes.truncate(most_bytes);
    }
    Ok(reply)
}

/// Where a reply redirects to; `None` where it does not.
fn target(reply: &Reply, url: &Url) -> Option<Result<Url, String>> {
    if !matches!(reply.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = reply.headers.get(header::LOCATION)?;
    let to = std::str::from_utf8(to.as_bytes()).map_err(|_| "redirects to an address that is not UTF-8".to_string());
    Some(to.and_then(|to| {
        let mut next = url.join(to).map_err(|error| format!("redirects to {to:?}, which is no address: {error}"))?;
        next.set_fragment(None);
        Ok(next)
    }))
}

fn answer(reply: Reply, url: &Url) -> Result<Answer, Problem> {
    let fresh = fresh(&reply.headers);
    let text = |name| reply.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    // No site needs a mark of a kilobyte, and what it gives is stored and sent back.
    let short = |name| text(name).filter(|value| value.len() <= 1024);
    match reply.status {
        StatusCode::NOT_MODIFIED => Ok(Answer::Unchanged(fresh)),
        status if status.is_success() => {
            let media = text(header::CONTENT_TYPE);
            let media = media.map(|media| media.split(';').next().unwrap_or("").trim().to_ascii_lowercase());
            let validators = Validators { etag: short(header::ETAG), last_modified: short(header::LAST_MODIFIED) };
            let address = url.to_string();
            Ok(Answer::Page(Box::new(Page { address, bytes: reply.bytes, media, validators, fresh })))
        }
        status => {
            let passing = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
            Err(Problem { message: said(status), passing, wait: wait(&reply.headers) })
        }
    }
}

/// For how long a page will not change, as `Cache-Control: max-age` says.
fn fresh(headers: &HeaderMap) -> Option<Duration> {
    let words = headers.get(header::CACHE_CONTROL)?.to_str().ok()?.to_ascii_lowercase();
    let mut words = words.split(',').map(str::trim);
    words.find_map(|word| word.strip_prefix("max-age=")?.trim_matches('"').parse().ok()).map(Duration::from_secs)
}

/// How long a site asks to be left alone: `Retry-After`, in seconds or as a date.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let words = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = words.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(words).ok()?.timestamp();
    Duration::try_from(until.duration_since(jiff::Timestamp::now())).ok()
}

fn path(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_string(), |query| format!("{}?{query}", url.path()))
}

fn said(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("the server answers {} ({})", status.as_u16(), reason.to_lowercase()),
        None => format!("the server answers {}", status.as_u16()),
    }
}

fn slow() -> Problem {
    Problem::passing("takes too long; try again later, or save the page and give the file")
}

/// What the client says, in our words.
fn problem(error: ureq::Error) -> Problem {
    use ureq::Error;
    match error {
        Error::Timeout(Timeout::Resolve) | Error::HostNotFound => {
            Problem::passing("there is no such host, or no connection")
        }
        Error::Timeout(_) => slow(),
        Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => slow(),
        Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Problem::passing("the page is cut off")
        }
        Error::Io(error) => Problem::passing(crate::failure::reason(&error)),
        Error::Other(error) => match error.downcast::<Refused>() {
            Ok(refused) => Problem::lasting(refused.to_string()),
            Err(error) => Problem::passing(error.to_string()),
        },
        Error::LargeResponseHeader(..) => Problem::lasting("the server's headers are too long"),
        Error::Rustls(error) => Problem::passing(format!("the connection is not secure: {error}")),
        error => Problem::passing(error.to_string()),
    }
}
