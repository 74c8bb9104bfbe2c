//! Random values that are the same in every run.

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub struct Random(u64);

impl Random {
    /// The generator that `seed` names.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit
    }

    /// True in half of all cases.
    pub fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    /// 1 to 24 of `characters`.
    pub fn text(&mut self, characters: &str) -> String {
        let characters: Vec<char> = characters.chars().collect();
        let length = 1 + self.below(24);
        (0..length).map(|_| characters[self.below(characters.len() as u64) as usize]).collect()
    }
}

/// Characters that have a meaning in JSON, forms, URLs or shells, and characters of one to four
/// bytes.
pub const AWKWARD: &str = "aZ09 .,:;-_~!?@#$^*()[]{}<>|/\"'`\\&=+%äß\u{301}Ω€漢\u{2028}😀";

/// [`AWKWARD`] without `/` and non-ASCII.
pub const AWKWARD_ASCII: &str = "aZ09 .,:;-_~!?@#$^*()[]{}<>|\"'`\\&=+%";
