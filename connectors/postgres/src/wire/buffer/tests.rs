use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes
}

/// A socket that gives so many bytes at once, with a timeout before each.
struct Slow<'a> {
    rest: &'a [u8],
    step: usize,
    late: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.late = !self.late;
        if self.late {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.step.min(room.len()).min(self.rest.len());
        let (given, rest) = self.rest.split_at(count);
        room[..count].copy_from_slice(given);
        self.rest = rest;
        Ok(count)
    }
}

#[test]
fn a_message_in_pieces_with_timeouts_between_is_whole() {
    let large: Vec<u8> = (0..=255).cycle().take(3 * REST + 17).collect();
    let mut stream = Vec::new();
    for _ in 0..3 {
        stream.extend(message(b'd', b"one"));
        stream.extend(message(b'w', &large));
        stream.extend(message(b'c', b""));
    }
    for step in [1000, 4096, REST, 10 * REST] {
        let mut socket = Slow {
            rest: &stream,
            step,
            late: false,
        };
        let mut buffer = ReadBuffer::new();
        buffer.trust();
        let mut found = Vec::new();
        while found.len() < 9 {
            match buffer.next().unwrap() {
                Some(frame) => found.push((frame.tag, buffer.body(&frame).to_vec())),
                None => drop(buffer.fill(&mut socket).unwrap()),
            }
        }
        for three in found.chunks(3) {
            assert_eq!(three[0], (b'd', b"one".to_vec()));
            assert_eq!(three[1], (b'w', large.clone()));
            assert_eq!(three[2], (b'c', Vec::new()));
        }
    }
}

#[test]
fn a_length_is_not_believed_before_the_bytes_are_there() {
    let mut buffer = ReadBuffer::new();
    buffer.trust();
    let mut socket = Cursor::new([b'd', 0x3f, 0xff, 0xff, 0xff, 1, 2, 3]);
    buffer.fill(&mut socket).unwrap().unwrap();
    assert_eq!(buffer.next().unwrap(), None);
    buffer.fill(&mut socket).unwrap().unwrap();
    assert_eq!(buffer.bytes.len(), REST);
}

#[test]
fn a_message_that_is_too_large_is_refused() {
    let mut buffer = ReadBuffer::new();
    let mut socket = Cursor::new([b'E', 0, 2, 0, 0]);
    buffer.fill(&mut socket).unwrap().unwrap();
    let error = buffer.next().unwrap_err().to_string();
    assert!(
        error.contains("131072 bytes is larger than the 65536"),
        "{error}"
    );
}

#[test]
fn the_buffer_shrinks_after_a_large_message() {
    let mut stream = message(b'd', &vec![7; 2 * KEPT]);
    for _ in 0..4 * PATIENCE {
        stream.extend(message(b'd', &[1; 100]));
    }
    let mut socket = Slow {
        rest: &stream,
        step: 8192,
        late: true,
    };
    let mut buffer = ReadBuffer::new();
    buffer.trust();
    let mut count = 0;
    while count < 4 * PATIENCE + 1 {
        match buffer.next().unwrap() {
            Some(frame) => {
                assert!([100, 2 * KEPT].contains(&buffer.body(&frame).len()));
                count += 1;
                socket.step = 105;
            }
            None => drop(buffer.fill(&mut socket).unwrap()),
        }
    }
    assert_eq!(buffer.bytes.len(), REST);
}

proptest! {
    #[test]
    fn any_bytes_are_messages_or_an_error(stream in prop::collection::vec(any::<u8>(), 0..300), step in 1usize..50) {
        let mut socket = Slow { rest: &stream, step, late: false };
        let mut buffer = ReadBuffer::new();
        loop {
            match buffer.next() {
                Ok(Some(frame)) => drop(buffer.body(&frame).to_vec()),
                Ok(None) => match buffer.fill(&mut socket) {
                    Ok(Ok(0)) | Err(_) => break,
                    Ok(_) => {}
                },
                Err(_) => break,
            }
            prop_assert!(buffer.bytes.len() <= 2 * REST);
        }
    }

    #[test]
    fn a_message_that_is_asked_for_by_its_tag_is_the_next_one(
        parts in prop::collection::vec(
            prop_oneof![
                4 => (prop_oneof![Just(b'd'), Just(b'N')], prop::collection::vec(any::<u8>(), 0..9))
                    .prop_map(|(tag, body)| message(tag, &body)),
                1 => (Just(b'd'), any::<u32>()).prop_map(|(tag, length)| {
                    [&[tag][..], &length.to_be_bytes()].concat()
                }),
                1 => prop::collection::vec(any::<u8>(), 0..7),
            ],
            0..9,
        ),
    ) {
        let stream = parts.concat();
        let mut by_tag = ReadBuffer::new();
        let mut any_tag = ReadBuffer::new();
        for buffer in [&mut by_tag, &mut any_tag] {
            drop(buffer.fill(&mut Cursor::new(&stream)).unwrap());
        }
        let said = |next: Result<Option<Frame>>| next.map_err(|error| error.to_string());
        loop {
            let found = by_tag.next_of(b'd');
            let next = said(any_tag.next());
            if let Some(found) = found {
                prop_assert_eq!(Ok(Some(found)), next);
                continue;
            }
            let passed_over = matches!(&next, Ok(Some(frame)) if frame.tag == b'd');
            prop_assert!(!passed_over);
            prop_assert_eq!(&said(by_tag.next()), &next);
            if !matches!(next, Ok(Some(_))) {
                break;
            }
        }
    }
}
