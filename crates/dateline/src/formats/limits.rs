//! What archives may cost, so that one made to fill memory or to keep a machine busy does neither. Each limit is far above what
//! news archives need.

/// Bytes of one report or one member that has to be held as a whole, unpacked (64 MB).
pub const ITEM_BYTES: usize = 64 << 20;
/// Bytes of one report in a file that holds many: a line or object of JSON, a row of a table, an item of a feed (16 MB).
pub const PART_BYTES: usize = 16 << 20;
/// Bytes that may be unpacked for each byte of the source, all members and levels together, on top of [`ITEM_BYTES`]. Pages and JSON
/// lines pack ten to fifty times; deflate cannot exceed 1032, which is what bombs are at.
pub const RATIO: u64 = 250;
/// Members of one archive, read or left out.
pub const MEMBERS: usize = 1_000_000;
/// Archives inside archives: a zip in a tar in a zip is read.
pub const DEPTH: usize = 3;
/// Levels in all, compression of single files included.
pub const LEVELS: usize = 2 * DEPTH;
/// Depth of elements in XML and of values in JSON.
pub const NESTING: usize = 128;
/// Bytes of a member's name, a header or a heading line in an archive.
pub const NAME_BYTES: usize = 8192;

/// What is said where [`RATIO`] is exceeded.
pub(crate) fn unpacked_message() -> String {
    format!(
        "unpacks to more than {RATIO} times its size, as archives made to fill memory do; the rest is left out, unpack it to read it"
    )
}
