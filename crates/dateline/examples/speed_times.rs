//! Reads a text and prints how fast its times and counts are read: `speed_times FILE`.

use dateline::stages::{quantities::quantities, times::times};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("no file given; expected: speed_times FILE")?;
    let text = std::fs::read_to_string(path)?;
    let start = Instant::now();
    times("a", &[], None);
    quantities("a", &[]);
    println!("start-up {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let published = Some(jiff::civil::date(1998, 3, 1));
    let mb = text.len() as f64 / 1e6;
    for _ in 0..5 {
        let start = Instant::now();
        let found = times(&text, &[], published);
        let read = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let counts = quantities(&text, &found);
        let counted = start.elapsed().as_secs_f64();
        println!(
            "{mb:.1} MB: {} times {:.1} MB/s, {} counts {:.1} MB/s, together {:.1} MB/s",
            found.len(),
            mb / read,
            counts.len(),
            mb / counted,
            mb / (read + counted)
        );
    }
    Ok(())
}
