//! Opens files, whole or where they were left.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::batch::{FeedPosition, Head};
use super::cutter::read_head;
use crate::analysis::decode::{Framing, detect_framing};

/// Bytes by which a file is known again.
const IDENTITY_BYTES: usize = 4096;

/// The content of a file from its start, decompressed where it is gz or zstd.
///
/// # Errors
/// When the file cannot be opened; a damaged file shows while it is read.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    decompressed(path).map(|(reader, _)| reader)
}

/// A file ready to be cut.
pub(super) struct Opened {
    pub(super) reader: Box<dyn Read + Send>,
    pub(super) framing: Framing,
    pub(super) head: Head,
    pub(super) offset: u64,
    pub(super) line: u64,
}

/// Opens a file at its start, or where `resume` left it.
pub(super) fn open_file(path: &Path, resume: Option<&FeedPosition>) -> io::Result<Opened> {
    let (mut reader, plain) = decompressed(path)?;
    let first = read_head(&mut reader, false)?;
    let framing = detect_framing(&first);
    let head = head_of(&first, IDENTITY_BYTES);
    let Some(position) = resume else {
        return Ok(Opened {
            reader: Box::new(Cursor::new(first).chain(reader)),
            framing,
            head,
            offset: 0,
            line: 1,
        });
    };
    if head_of(&first, position.head.bytes as usize) != position.head {
        return Err(io::Error::other(
            "its first bytes are not those that were read before, so it is another file: \
             put the old file back, or start anew with --fresh",
        ));
    }
    let reader: Box<dyn Read + Send> = if plain {
        let mut file = File::open(path)?;
        must_reach(file.metadata()?.len(), position.offset)?;
        file.seek(SeekFrom::Start(position.offset))?;
        Box::new(file)
    } else {
        let mut whole = Cursor::new(first).chain(reader);
        let skipped = io::copy(&mut whole.by_ref().take(position.offset), &mut io::sink())?;
        must_reach(skipped, position.offset)?;
        Box::new(whole)
    };
    Ok(Opened { reader, framing, head, offset: position.offset, line: position.line })
}

fn must_reach(length: u64, done: u64) -> io::Result<()> {
    if length >= done {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "it has {length} bytes, but {done} were read before: put the old file back, or start anew with --fresh"
    )))
}

fn head_of(first: &[u8], bytes: usize) -> Head {
    let identity = &first[..bytes.min(first.len())];
    Head { bytes: identity.len() as u32, hash: xxh3_64(identity) }
}

/// The content of a file; true when the file is stored as it is. Told by the first bytes, not by the name.
fn decompressed(path: &Path) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let mut file = File::open(path)?;
    let mut magic = [0; 4];
    let mut filled = 0;
    while filled < magic.len() {
        match file.read(&mut magic[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    // Put before the rest again: a pipe cannot be wound back.
    let file = Cursor::new(magic).take(filled as u64).chain(file);
    Ok(match magic {
        [0x1f, 0x8b, ..] => (Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(file))), false),
        [0x28, 0xb5, 0x2f, 0xfd] => (Box::new(zstd::Decoder::new(file)?), false),
        _ => (Box::new(file), true),
    })
}

/// All files of a folder and its subfolders, in the order of their paths. Hidden files and links to folders
/// are left out.
pub(super) fn list_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() || entry.path().is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}
