//! Chance that repeats itself, and inputs changed by it.

/// Numbers from a seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The same seed gives the same numbers everywhere.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }
}

/// Bytes that parsers stumble over: ends of ranges, brackets, quotes, half a character.
const CURIOUS: &[&[u8]] = &[
    &[0],
    &[0x7f],
    &[0x80],
    &[0xff],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    &[0x80, 0x80, 0x80, 0x80, 0x10],
    b"\"",
    b"\\",
    b"\\ud800",
    b"[",
    b"]",
    b"{",
    b"}",
    b"null",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"<",
    b">",
    b"|",
    b"<@",
    b"<!",
    b"&lt;",
    b"```",
    b"](",
    b"javascript:",
    b"\r\n",
    b"\xf0\x9f\xa6\x80",
    b"\xf0\x9f",
    b"PK\x05\x06",
];

/// One of `seeds` with one to eight changes, at most `most` bytes long.
pub fn mutated(chance: &mut Chance, seeds: &[Vec<u8>], most: usize) -> Vec<u8> {
    let mut bytes = seeds.get(chance.below(seeds.len())).cloned().unwrap_or_default();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + 1 + chance.below(16)).min(bytes.len());
        match chance.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 if at < bytes.len() => bytes[at] = chance.next() as u8,
            2 => bytes.insert(at, chance.next() as u8),
            3 => drop(bytes.drain(at.min(end)..end)),
            4 => {
                let curious = CURIOUS[chance.below(CURIOUS.len())];
                bytes.splice(at..at, curious.iter().copied());
            }
            5 => {
                let part = bytes[at.min(end)..end].repeat(1 + chance.below(64));
                bytes.splice(at..at, part);
            }
            6 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len());
                let part = other[from..(from + chance.below(64)).min(other.len())].to_vec();
                bytes.splice(at..at, part);
            }
            7 => bytes.truncate(at),
            8 if at < bytes.len() => {
                bytes[at] = bytes[at].wrapping_add(if chance.below(2) == 0 { 1 } else { 0xff })
            }
            _ => {}
        }
        bytes.truncate(most);
    }
    bytes
}
