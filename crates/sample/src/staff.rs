//! Who works at the hospitals of the sample city whose desks are tried: invented, the same at each.

/// A doctor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleDoctor {
    /// Staff number.
    pub number: &'static str,
    /// Name.
    pub name: &'static str,
    /// National code.
    pub code: &'static str,
    /// Code and name of the department.
    pub department: (&'static str, &'static str),
}

/// Doctors of a hospital.
pub const DOCTORS: [SampleDoctor; 6] = [
    SampleDoctor { number: "012", name: "张伟", code: "D990100000012", department: ("A03", "内科") },
    SampleDoctor { number: "015", name: "陈静", code: "D990100000015", department: ("A04", "外科") },
    SampleDoctor {
        number: "021", name: "李国强", code: "D990100000021", department: ("A05", "妇产科")
    },
    SampleDoctor { number: "024", name: "周芳", code: "D990100000024", department: ("A07", "儿科") },
    SampleDoctor {
        number: "033", name: "吴海燕", code: "D990100000033", department: ("A13", "皮肤科")
    },
    SampleDoctor { number: "047", name: "郑义", code: "D990100000047", department: ("A50", "中医科") },
];

/// An operator of a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleOperator {
    /// Staff number.
    pub number: &'static str,
    /// Name.
    pub name: &'static str,
    /// What he is, in a word of desks.
    pub role: &'static str,
}

/// Operators of a hospital's desk.
pub const OPERATORS: [SampleOperator; 7] = [
    SampleOperator { number: "0103", name: "李敏", role: "cashier" },
    SampleOperator { number: "0104", name: "黄丽", role: "cashier" },
    SampleOperator { number: "0207", name: "孙梅", role: "biller" },
    SampleOperator { number: "0301", name: "朱红", role: "admission-clerk" },
    SampleOperator { number: "0211", name: "周洁", role: "head-nurse" },
    SampleOperator { number: "0401", name: "林建", role: "finance" },
    SampleOperator { number: "0001", name: "马骏", role: "administrator" },
];

/// A ward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleWard {
    /// Code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Its beds: number and kind.
    pub beds: &'static [(&'static str, &'static str)],
}

/// Wards of a hospital.
pub const WARDS: [SampleWard; 2] = [
    SampleWard {
        code: "N1",
        name: "内一病区",
        beds: &[
            ("01", "三人间"),
            ("02", "三人间"),
            ("03", "三人间"),
            ("04", "双人间"),
            ("05", "双人间"),
            ("06", "单人间"),
        ],
    },
    SampleWard {
        code: "W1",
        name: "外一病区",
        beds: &[("01", "三人间"), ("02", "三人间"), ("03", "双人间")],
    },
];
