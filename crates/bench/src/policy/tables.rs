//! The figures of `edition.toml` as constants: fen, ten-thousandths, and first the status, then the level.

/// Employed and retired, levels 1 to 3.
pub type ByPerson<T> = [[T; 3]; 2];

/// First share of class B.
pub const FIRST_OF_B: i64 = 1_000;

pub const OUTPATIENT_DEDUCTIBLE: [i64; 3] = [20_000, 40_000, 60_000];
pub const OUTPATIENT_RATE: ByPerson<i64> = [[8_000, 7_000, 6_000], [8_500, 7_500, 6_500]];
/// By status.
pub const OUTPATIENT_CEILING: [i64; 2] = [400_000, 550_000];

/// Of the first, the second and any later admission.
pub const STAY_DEDUCTIBLE: ByPerson<[i64; 3]> = [
    [[40_000, 20_000, 15_000], [70_000, 35_000, 25_000], [120_000, 60_000, 45_000]],
    [[30_000, 15_000, 10_000], [50_000, 25_000, 18_000], [90_000, 45_000, 30_000]],
];
/// Where the bands end; the last is open.
pub const BAND_ENDS: [i64; 2] = [1_500_000, 4_000_000];
pub const STAY_RATE: ByPerson<[i64; 3]> = [
    [[9_000, 9_200, 9_400], [8_600, 8_800, 9_000], [8_200, 8_500, 8_800]],
    [[9_350, 9_500, 9_650], [9_050, 9_200, 9_350], [8_750, 8_900, 9_150]],
];
pub const STAY_CEILING: i64 = 6_000_000;

pub const LARGE_END: i64 = 2_500_000;
pub const LARGE_RATE: ByPerson<i64> = [[9_000, 8_750, 8_500], [9_200, 9_000, 8_800]];

pub const SERVANT_RATE: i64 = 5_000;
