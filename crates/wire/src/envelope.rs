//! The envelope around every input, and how one institution wants its answers.

use std::sync::Arc;

use model::Tracing;

use crate::codes::Problem;
use crate::dialect::{Dialect, Dialects};
use crate::input::plain;
use crate::json::Node;
use crate::words::{Both, Language, Rule};

/// The envelope of a request as we understood it. Texts of absent members are empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// Transaction number.
    pub infno: String,
    /// The sender's id of this message.
    pub msgid: String,
    /// Division of the place of care.
    pub care_district: String,
    /// Division where the person is insured.
    pub home_district: String,
    /// The hospital's code.
    pub hospital: String,
    /// Operator's number.
    pub operator: String,
    /// Operator's name.
    pub operator_name: String,
    /// Sign-in number.
    pub sign_in: String,
    /// When the sender says it was sent, as written.
    pub sent_at: String,
    /// A hub-style program: `input` came as a text, or the hospital under its other name. Answers want `"0"`.
    pub hub_style: bool,
}

impl std::fmt::Debug for Envelope {
    /// Who works there stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope")
            .field("infno", &self.infno)
            .field("msgid", &self.msgid)
            .field("hospital", &self.hospital)
            .finish_non_exhaustive()
    }
}

/// How the answer's `infcode` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InfcodeForm {
    /// A number, but a text for hub-style programs.
    #[default]
    Auto,
    /// Always a number.
    Number,
    /// Always a text.
    Text,
}

/// How amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Amounts {
    /// JSON numbers.
    #[default]
    Number,
    /// Texts.
    Text,
}

/// What a message without a live sign-in meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignInRule {
    /// Nothing.
    Ignore,
    /// A warning.
    #[default]
    Warn,
    /// A refusal.
    Require,
}

/// Which mappings of an institution's items count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingRule {
    /// None is asked for.
    Ignore,
    /// What it uploaded, until an officer sends it back.
    Uploaded,
    /// Only what an officer has passed.
    Reviewed,
}

/// How one institution speaks and is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Form of `infcode`.
    pub infcode: InfcodeForm,
    /// Form of amounts.
    pub amounts: Amounts,
    /// Language of texts.
    pub language: Language,
    /// Sign-in rule.
    pub sign_in: SignInRule,
    /// Compare the split amounts the program sends.
    pub compare_splits: bool,
    /// How far an amount may be from price × quantity, in fen.
    pub line_tolerance_fen: i64,
    /// How many days back a date of care may lie.
    pub backdate_days: i64,
    /// Which mappings of its items to the catalogue count: an item without one is paid as the edition pays unmapped items.
    pub mapping: MappingRule,
    /// What becomes of a drug charged without its trace code; none: what the edition says.
    pub traces: Option<Tracing>,
    /// Whether its sums of 3201 and 3202 hold refunds where the message does not say.
    pub refunds_counted: bool,
    /// Whether its sums of 3201 and 3202 reckon what accounts paid to the funds.
    pub account_in_funds: bool,
    /// Its items are listed where it is: another centre tells how, line by line.
    pub listed_elsewhere: bool,
    /// Names and codes of its own.
    pub dialect: Option<Arc<Dialect>>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            infcode: InfcodeForm::Auto,
            amounts: Amounts::Number,
            language: Language::Zh,
            sign_in: SignInRule::Warn,
            compare_splits: false,
            line_tolerance_fen: 1,
            backdate_days: 90,
            mapping: MappingRule::Ignore,
            traces: None,
            refunds_counted: true,
            account_in_funds: false,
            listed_elsewhere: false,
            dialect: None,
        }
    }
}

impl Profile {
    /// Reads `word=value` pairs separated by blanks, as stored with an institution; words left out keep their default.
    /// `dialects` are those of the city.
    pub fn parse(text: &str, dialects: &Dialects) -> Result<Self, String> {
        let mut profile = Self::default();
        for pair in text.split_whitespace() {
            let (word, value) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not word=value"))?;
            let unknown = || format!("`{word}` cannot be `{value}`");
            match word {
                "infcode" => {
                    profile.infcode = pick(
                        value,
                        &[
                            ("auto", InfcodeForm::Auto),
                            ("number", InfcodeForm::Number),
                            ("text", InfcodeForm::Text),
                        ],
                    )
                    .ok_or_else(unknown)?;
                }
                "amounts" => {
                    profile.amounts = pick(value, &[("number", Amounts::Number), ("text", Amounts::Text)])
                        .ok_or_else(unknown)?;
                }
                "language" => {
                    profile.language =
                        pick(value, &[("zh", Language::Zh), ("en", Language::En)]).ok_or_else(unknown)?;
                }
                "sign_in" => {
                    profile.sign_in = pick(
                        value,
                        &[
                            ("ignore", SignInRule::Ignore),
                            ("warn", SignInRule::Warn),
                            ("require", SignInRule::Require),
                        ],
                    )
                    .ok_or_else(unknown)?;
                }
                "compare_splits" => profile.compare_splits = value.parse().map_err(|_| unknown())?,
                "line_tolerance_fen" => profile.line_tolerance_fen = value.parse().map_err(|_| unknown())?,
                "backdate_days" => profile.backdate_days = value.parse().map_err(|_| unknown())?,
                "mapping" => {
                    profile.mapping = pick(
                        value,
                        &[
                            ("ignore", MappingRule::Ignore),
                            ("require", MappingRule::Uploaded),
                            ("reviewed", MappingRule::Reviewed),
                        ],
                    )
                    .ok_or_else(unknown)?;
                }
                "traces" => profile.traces = Some(value.parse().map_err(|_| unknown())?),
                "refunds" => {
                    profile.refunds_counted =
                        pick(value, &[("counted", true), ("apart", false)]).ok_or_else(unknown)?;
                }
                "funds" => {
                    profile.account_in_funds =
                        pick(value, &[("alone", false), ("with_account", true)]).ok_or_else(unknown)?;
                }
                "catalogue" => {
                    profile.listed_elsewhere =
                        pick(value, &[("ours", false), ("theirs", true)]).ok_or_else(unknown)?;
                }
                "dialect" => {
                    let known = dialects.get(value);
                    profile.dialect = Some(known.cloned().ok_or_else(|| {
                        format!("the city has no `dialects/{value}.csv` 本市政策文件夹中没有该方言文件")
                    })?);
                }
                _ => return Err(format!("`{word}` is no word of a profile")),
            }
        }
        Ok(profile)
    }

    /// Whether `infcode` is written as a text to the sender of `envelope`.
    pub(crate) fn infcode_as_text(&self, envelope: &Envelope) -> bool {
        match self.infcode {
            InfcodeForm::Auto => envelope.hub_style,
            InfcodeForm::Number => false,
            InfcodeForm::Text => true,
        }
    }
}

fn pick<T: Copy>(value: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| *word == value).map(|(_, found)| *found)
}

/// Members of an envelope as the interface has them: name, label, whether it demands them. We need three of them.
pub(crate) const MEMBERS: [(&str, &str, bool); 18] = [
    ("infno", "交易编号", true),
    ("msgid", "发送方报文ID", true),
    ("mdtrtarea_admvs", "就医地医保区划", true),
    ("insuplc_admdvs", "参保地医保区划", false),
    ("recer_sys_code", "接收方系统代码", true),
    ("dev_no", "设备编号", false),
    ("dev_safe_info", "设备安全信息", false),
    ("cainfo", "数字签名信息", false),
    ("signtype", "签名类型", false),
    ("infver", "接口版本号", true),
    ("opter_type", "经办人类别", true),
    ("opter", "经办人", true),
    ("opter_name", "经办人姓名", true),
    ("inf_time", "交易时间", true),
    ("fixmedins_code", "定点医药机构编号", true),
    ("fixmedins_name", "定点医药机构名称", true),
    ("sign_no", "交易签到流水号", false),
    ("input", "交易输入", true),
];

/// Longest texts accepted. The interface says 30 characters for an id and a sign-in, 6 for a division; programs send more.
pub(crate) const MSGID_MAX: u32 = 64;
pub(crate) const INFNO_MAX: u32 = 10;
const HOSPITAL_MAX: usize = 30;
const DIVISION_MAX: usize = 12;
const OPERATOR_MAX: usize = 30;
const OPERATOR_NAME_MAX: usize = 50;
const SIGN_IN_MAX: usize = 64;

impl Envelope {
    /// Reads the envelope of a request. `infno_in_path` stands in for a member left out.
    pub(crate) fn read(body: &Node<'_>, infno_in_path: Option<&str>) -> Result<Self, Problem> {
        if !matches!(body, Node::Object(_)) {
            return Err(Problem::Malformed {
                place: Both::of("报文不是对象", "the body is not an object")
            });
        }
        let raw = |name: &str| body.given(name).and_then(Node::scalar);
        // What no one can see is no part of a text: the audit log joins them.
        let text = |name: &str| raw(name).map(|text| plain(&text).trim().to_owned()).unwrap_or_default();
        let (national, of_hub) = (text("fixmedins_code"), text("medins_code"));
        let infno = Some(text("infno")).filter(|infno| !infno.is_empty());
        let envelope = Self {
            infno: infno.or(infno_in_path.map(str::to_owned)).unwrap_or_default(),
            msgid: raw("msgid").map(|id| id.trim().to_owned()).unwrap_or_default(),
            care_district: text("mdtrtarea_admvs"),
            home_district: text("insuplc_admdvs"),
            operator: text("opter"),
            operator_name: text("opter_name"),
            sign_in: text("sign_no"),
            sent_at: text("inf_time"),
            hub_style: body.has_text("input") || (national.is_empty() && !of_hub.is_empty()),
            hospital: if national.is_empty() { of_hub } else { national },
        };
        envelope.check(infno_in_path)
    }

    fn check(self, infno_in_path: Option<&str>) -> Result<Self, Problem> {
        let bad = |field: &str, rule: Rule| Err(Problem::EnvelopeField { field: field.into(), rule });
        if self.infno.is_empty() {
            return bad("infno", Rule::Present);
        }
        if let Some(path) = infno_in_path.filter(|path| !path.eq_ignore_ascii_case(&self.infno)) {
            return bad("infno", Rule::Addressed(path.into()));
        }
        if self.msgid.is_empty() {
            return bad("msgid", Rule::Present);
        }
        // An id is compared as it is: none is made fit.
        if self.msgid.chars().count() > MSGID_MAX as usize || self.msgid.chars().any(char::is_control) {
            return bad("msgid", Rule::Printable(MSGID_MAX as usize));
        }
        if self.hospital.is_empty() {
            return bad("fixmedins_code", Rule::Present);
        }
        if self.hospital.len() > HOSPITAL_MAX {
            return bad("fixmedins_code", Rule::Code(HOSPITAL_MAX));
        }
        for (field, text, max) in [
            ("mdtrtarea_admvs", &self.care_district, DIVISION_MAX),
            ("insuplc_admdvs", &self.home_district, DIVISION_MAX),
            ("opter", &self.operator, OPERATOR_MAX),
            ("opter_name", &self.operator_name, OPERATOR_NAME_MAX),
            ("sign_no", &self.sign_in, SIGN_IN_MAX),
        ] {
            if text.chars().count() > max {
                return bad(field, Rule::Printable(max));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(members: &str) -> Result<Envelope, Problem> {
        let body = format!(r"{{{members}}}");
        Envelope::read(&Node::parse(body.as_bytes()).unwrap(), None)
    }

    #[test]
    fn members_are_found_in_any_case_but_exactly_first() {
        let plain =
            read(r#""infno":"2207","msgid":"M1","fixmedins_code":"H1","opter":"7","input":{}"#).unwrap();
        for same in [
            r#""INFNO":"2207","MsgId":"M1","FIXMEDINS_CODE":"H1","Opter":"7","INPUT":{}"#,
            r#""infno":"","Infno":2207,"msgid":null,"MSGID":"M1","fixmedins_code":"H1","opter":"7""#,
            r#""infno":"2207","MSGID":"M2","msgid":"M1","fixmedins_code":"H1","OPTER":"8","opter":"7""#,
            r#""infno":"2207","msgid":"M1","medins_code":"H9","fixmedins_code":"H1","opter":"7""#,
            r#""infno":"2207","msgid":"M1","fixmedins_code":"H1","medins_code":"","opter":"7\u0000""#,
        ] {
            assert_eq!(read(same).as_ref(), Ok(&plain), "{same}");
        }
    }

    #[test]
    fn hub_style_does_not_depend_on_the_order_of_members() {
        let check = |members: &str, hub_style: bool| {
            let envelope = read(&format!(r#""infno":"2207","msgid":"M1",{members}"#)).unwrap();
            assert_eq!((envelope.hospital.as_str(), envelope.hub_style), ("H1", hub_style), "{members}");
        };
        check(r#""medins_code":"H1","input":{}"#, true);
        check(r#""medins_code":"H1","fixmedins_code":"""#, true);
        check(r#""fixmedins_code":null,"medins_code":"H1""#, true);
        check(r#""medins_code":"H1","fixmedins_code":"H1""#, false);
        check(r#""fixmedins_code":"H1","medins_code":"H1""#, false);
        check(r#""input":"{}","fixmedins_code":"H1""#, true);
        check(r#""INPUT":"","fixmedins_code":"H1""#, true);
    }

    #[test]
    fn texts_have_no_control_characters_and_an_end() {
        let with = |member: &str, value: &str| {
            read(&format!(r#""infno":"2207","msgid":"M1","fixmedins_code":"H1","{member}":"{value}""#))
        };
        let forged = with("opter", r"01\u001f2207\u001fencounter 1").unwrap();
        assert_eq!(
            forged.operator, "012207encounter 1",
            "it cannot pretend to be another column of the audit log"
        );
        assert_eq!(with("sign_no", r"1\n2").unwrap().sign_in, "1 2");
        for (member, max) in [
            ("opter", 30),
            ("opter_name", 50),
            ("sign_no", 64),
            ("insuplc_admdvs", 12),
            ("mdtrtarea_admvs", 12),
        ] {
            assert!(with(member, &"医".repeat(max)).is_ok(), "{member}");
            let long = with(member, &"医".repeat(max + 1)).unwrap_err();
            assert!(matches!(&long, Problem::EnvelopeField { field, .. } if field == member), "{long}");
        }
        for nobody in ["", r#","fixmedins_code":"""#, r#","fixmedins_code":null,"medins_code":" ""#] {
            let told = read(&format!(r#""infno":"2207","msgid":"M1"{nobody}"#)).unwrap_err();
            assert!(told.message(Language::Zh).contains("fixmedins_code 不符合:必须填写"), "{told}");
        }
        let id = r#""infno":"2207","fixmedins_code":"H1","msgid":"M\u001f1""#;
        assert_eq!(read(id).map_err(|p| p.code()), Err("ENVELOPE_FIELD"));
    }

    #[test]
    fn a_profile_is_read_from_words_and_refuses_others() {
        let profile = Profile::parse(
            "infcode=text amounts=text language=en sign_in=require compare_splits=true",
            &Dialects::new(),
        )
        .unwrap();
        assert_eq!(
            (profile.infcode, profile.amounts, profile.language),
            (InfcodeForm::Text, Amounts::Text, Language::En)
        );
        assert_eq!((profile.sign_in, profile.compare_splits), (SignInRule::Require, true));
        assert_eq!(Profile::parse("", &Dialects::new()), Ok(Profile::default()));
        for text in ["infcode=roman", "colour=red", "amounts", "backdate_days=soon"] {
            assert!(Profile::parse(text, &Dialects::new()).is_err(), "{text}");
        }
    }
}
