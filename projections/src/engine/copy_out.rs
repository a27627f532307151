//! The log in PostgreSQL's binary COPY format: cut into events, dealt out to workers, read without an allocation each.

use std::hash::{DefaultHasher, Hash, Hasher};

use daybook_event_store::{Position, Recorded};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const HEADER: usize = SIGNATURE.len() + 8;

/// Which column of the copy stands where.
const POSITION: usize = 0;
const SEQUENCE: usize = 1;
const KIND: usize = 2;
const ID: usize = 3;
const TYPE: usize = 4;
const VERSION: usize = 5;
const PAYLOAD: usize = 6;
const METADATA: usize = 7;
const COLUMNS: usize = 8;

/// The statement that copies a part of the log out, in order.
pub(crate) fn statement(kinds: &[&str], until: Position) -> String {
    // kinds are names in our own code
    let kinds: Vec<String> = kinds.iter().map(|kind| format!("'{kind}'")).collect();
    format!(
        "COPY (SELECT position, sequence, aggregate_type, aggregate_id, event_type, event_version,
                      payload, metadata
                 FROM events
                WHERE position <= {until} AND aggregate_type IN ({})
                ORDER BY position)
           TO STDOUT (FORMAT binary)",
        kinds.join(", ")
    )
}

/// The copy is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the copy of the log cannot be read")]
pub(crate) struct Garbled;

/// Cuts the stream into events, wherever the pieces it comes in end.
#[derive(Default)]
pub(crate) struct Cutter {
    started: bool,
    rest: Vec<u8>,
}

impl Cutter {
    /// Takes the next piece, and deals each whole event out by the hash of its aggregate's id.
    pub(crate) fn cut(
        &mut self,
        piece: &[u8],
        mut deal: impl FnMut(u64, &[u8]),
    ) -> Result<(), Garbled> {
        if self.rest.is_empty() {
            let used = self.events(piece, &mut deal)?;
            self.rest.extend_from_slice(&piece[used..]);
        } else {
            let mut rest = std::mem::take(&mut self.rest);
            rest.extend_from_slice(piece);
            let used = self.events(&rest, &mut deal)?;
            rest.drain(..used);
            self.rest = rest;
        }
        Ok(())
    }

    fn events(
        &mut self,
        bytes: &[u8],
        deal: &mut impl FnMut(u64, &[u8]),
    ) -> Result<usize, Garbled> {
        let mut used = 0;
        if !self.started {
            if bytes.len() < HEADER {
                return Ok(0);
            }
            if !bytes.starts_with(SIGNATURE) {
                return Err(Garbled);
            }
            self.started = true;
            used = HEADER;
        }
        while let Some((fields, end)) = fields(&bytes[used..])? {
            let event = &bytes[used..used + end];
            used += end;
            if let Some(fields) = fields {
                let mut hasher = DefaultHasher::new();
                fields[ID].hash(&mut hasher);
                deal(hasher.finish(), event);
            }
        }
        Ok(used)
    }
}

type Fields<'a> = [&'a [u8]; COLUMNS];

/// The fields of the event at the start, and where it ends; `None` if it is not whole. The end of the copy has no fields.
fn fields(bytes: &[u8]) -> Result<Option<(Option<Fields<'_>>, usize)>, Garbled> {
    let Some((count, mut rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
    match usize::try_from(i16::from_be_bytes(*count)) {
        Err(_) => return Ok(Some((None, 2))),
        Ok(COLUMNS) => {}
        Ok(_) => return Err(Garbled),
    }
    let mut fields = [&bytes[..0]; COLUMNS];
    for field in &mut fields {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| Garbled)?;
        let Some((value, after)) = after.split_at_checked(length) else { return Ok(None) };
        (*field, rest) = (value, after);
    }
    Ok(Some((Some(fields), bytes.len() - rest.len())))
}

/// Reads whole events one after the other into the same place.
pub(crate) struct Reader {
    event: Recorded,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            event: Recorded {
                position: Position::START,
                aggregate_type: String::new(),
                aggregate_id: String::new(),
                sequence: 0,
                event_type: String::new(),
                event_version: String::new(),
                payload: String::new(),
                metadata: String::new(),
                event_id: uuid::Uuid::nil(),
                recorded_at: chrono::DateTime::UNIX_EPOCH,
            },
        }
    }

    /// Hands each event of a chunk of whole events on; it may be changed at will.
    pub(crate) fn read(
        &mut self,
        mut chunk: &[u8],
        mut each: impl FnMut(&mut Recorded),
    ) -> Result<(), Garbled> {
        while !chunk.is_empty() {
            let (fields, end) = fields(chunk)?.ok_or(Garbled)?;
            chunk = &chunk[end..];
            let fields = fields.ok_or(Garbled)?;
            self.event.position = Position::new(number(fields[POSITION])?);
            self.event.sequence = number(fields[SEQUENCE])?;
            for (text, field) in [
                (&mut self.event.aggregate_type, KIND),
                (&mut self.event.aggregate_id, ID),
                (&mut self.event.event_type, TYPE),
                (&mut self.event.event_version, VERSION),
                (&mut self.event.payload, PAYLOAD),
                (&mut self.event.metadata, METADATA),
            ] {
                text.clear();
                text.push_str(std::str::from_utf8(fields[field]).map_err(|_| Garbled)?);
            }
            each(&mut self.event);
        }
        Ok(())
    }
}

fn number(bytes: &[u8]) -> Result<i64, Garbled> {
    bytes.try_into().map(i64::from_be_bytes).map_err(|_| Garbled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(events: &[[&[u8]; COLUMNS]]) -> Vec<u8> {
        let mut bytes = [SIGNATURE, &[0; 8]].concat();
        for event in events {
            bytes.extend(i16::try_from(COLUMNS).expect("few columns").to_be_bytes());
            for field in event {
                bytes.extend(i32::try_from(field.len()).expect("short").to_be_bytes());
                bytes.extend_from_slice(field);
            }
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    fn event<'a>(position: &'a [u8; 8], id: &'a [u8]) -> [&'a [u8]; COLUMNS] {
        [position, &[0, 0, 0, 0, 0, 0, 0, 3], b"booking", id, b"held", b"1.0", b"{\"a\":1}", b"{}"]
    }

    fn read(bytes: &[u8], piece: usize) -> Vec<(i64, String, String)> {
        let (mut cutter, mut chunk) = (Cutter::default(), Vec::new());
        for piece in bytes.chunks(piece) {
            cutter.cut(piece, |_, event| chunk.extend_from_slice(event)).expect("a sound copy");
        }
        let mut seen = Vec::new();
        let each = |event: &mut Recorded| {
            assert_eq!((event.sequence, event.event_type.as_str()), (3, "held"));
            seen.push((event.position.get(), event.aggregate_id.clone(), event.payload.clone()));
        };
        Reader::new().read(&chunk, each).expect("whole events");
        seen
    }

    #[test]
    fn events_are_the_same_wherever_the_stream_is_cut() {
        let (one, two) = (1_i64.to_be_bytes(), 2_i64.to_be_bytes());
        let bytes = copy(&[event(&one, b"a"), event(&two, b"bc")]);
        let whole = read(&bytes, bytes.len());
        let payload = "{\"a\":1}".to_owned();
        assert_eq!(whole, [(1, "a".to_owned(), payload.clone()), (2, "bc".to_owned(), payload)]);
        for piece in 1..bytes.len() {
            assert_eq!(read(&bytes, piece), whole, "in pieces of {piece}");
        }
    }

    #[test]
    fn what_is_no_copy_is_refused() {
        assert_eq!(Cutter::default().cut(&[7; 64], |_, _| {}), Err(Garbled));
    }
}
