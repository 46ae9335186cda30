//! Archives whose files are far larger than they look, put together byte by byte: what makes sound
//! archives does not make such ones in reasonable time.

/// A zip archive.
#[derive(Default)]
pub(crate) struct Zip {
    bytes: Vec<u8>,
    /// Name, method, sizes, checksum and place of each file.
    files: Vec<Entry>,
}

struct Entry {
    name: &'static str,
    method: u16,
    checksum: u32,
    packed: u32,
    unpacked: u32,
    place: u32,
}

impl Zip {
    /// Adds a file as it is.
    pub(crate) fn text(&mut self, name: &'static str, text: &str) {
        self.add(name, 0, text.as_bytes(), text.len(), checksum(text.as_bytes()));
    }

    /// Adds a file of two texts and a letter between them, so many times. Its checksum is right only
    /// where that is never.
    pub(crate) fn inflating(&mut self, name: &'static str, head: &str, times: usize, tail: &str) {
        let mut bits = Bits::default();
        bits.stored(head.as_bytes(), false);
        bits.repeated(b'A', times);
        bits.stored(tail.as_bytes(), true);
        let unpacked = head.len() + bits.letters + tail.len();
        let sum = checksum([head, tail].concat().as_bytes());
        self.add(name, 8, &bits.bytes, unpacked, sum);
    }

    fn add(
        &mut self,
        name: &'static str,
        method: u16,
        packed: &[u8],
        unpacked: usize,
        checksum: u32,
    ) {
        let size = |bytes: usize| u32::try_from(bytes).expect("less than four gigabytes");
        let (place, unpacked) = (size(self.bytes.len()), size(unpacked));
        let entry = Entry { name, method, checksum, packed: size(packed.len()), unpacked, place };
        self.bytes.extend_from_slice(b"PK\x03\x04");
        entry.describe(&mut self.bytes);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(packed);
        self.files.push(entry);
    }

    /// The archive.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let place = u32::try_from(self.bytes.len()).expect("a small archive");
        let count = u16::try_from(self.files.len()).expect("few files");
        for entry in &self.files {
            self.bytes.extend_from_slice(b"PK\x01\x02\x14\0");
            entry.describe(&mut self.bytes);
            // Comment, disk, attributes: nothing.
            self.bytes.extend_from_slice(&[0; 10]);
            self.bytes.extend_from_slice(&entry.place.to_le_bytes());
            self.bytes.extend_from_slice(entry.name.as_bytes());
        }
        let length = u32::try_from(self.bytes.len()).expect("a small archive") - place;
        self.bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend_from_slice(&count.to_le_bytes());
        self.bytes.extend_from_slice(&count.to_le_bytes());
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(&place.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        self.bytes
    }
}

impl Entry {
    /// What both heads of a file have.
    fn describe(&self, bytes: &mut Vec<u8>) {
        // Version 2.0, no flags.
        bytes.extend_from_slice(&[0x14, 0, 0, 0]);
        bytes.extend_from_slice(&self.method.to_le_bytes());
        // 1 January 1980, midnight.
        bytes.extend_from_slice(&[0, 0, 0x21, 0]);
        for number in [self.checksum, self.packed, self.unpacked] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let name = u16::try_from(self.name.len()).expect("a short name");
        bytes.extend_from_slice(&name.to_le_bytes());
        bytes.extend_from_slice(&[0; 2]);
    }
}

/// A stream of deflate (RFC 1951).
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are in use; none is all.
    used: u32,
    letters: usize,
}

impl Bits {
    /// The low bits of a number, the lowest first.
    fn push(&mut self, number: u32, count: u32) {
        for bit in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= u8::from(number >> bit & 1 == 1) << self.used;
            self.used = (self.used + 1) % 8;
        }
    }

    /// A code, the highest bit first.
    fn code(&mut self, code: u32, count: u32) {
        self.push(code.reverse_bits() >> (32 - count), count);
    }

    /// A block of bytes as they are.
    fn stored(&mut self, bytes: &[u8], last: bool) {
        self.push(u32::from(last), 3);
        self.used = 0;
        let length = u16::try_from(bytes.len()).expect("a short block");
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(&(!length).to_le_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// A block of one letter again and again: once, and then 258 times what stands one before.
    fn repeated(&mut self, letter: u8, times: usize) {
        self.push(0, 1);
        self.push(1, 2);
        if times > 0 {
            // Letters up to 143 are eight bits from 0x30 on.
            self.code(0x30 + u32::from(letter), 8);
            self.letters += 1;
        }
        // A length of 258 without more bits, and a distance of one.
        for _ in 0..times / 258 {
            self.code(0b1100_0101, 8);
            self.code(0, 5);
            self.letters += 258;
        }
        self.code(0, 7);
    }
}

/// CRC-32, as zip archives have it.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
    let sum = bytes
        .iter()
        .fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)));
    !sum
}
