//! The registry of every "no": its stable code, what it means, what to do. Codes never change meaning.
//!
//! Three kinds, three types: a [`Refusal`] is the rules' and final, a [`Problem`] means certainly not processed, a
//! [`Doubt`] means that nothing is known and the same message must be sent again.

use std::borrow::Cow;

use crate::words::{Both, Figure, Language, Rule};

/// What the reader of a "no" should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Send the same message again.
    SendAgain,
    /// Correct it and send it as a new message.
    Correct,
    /// Send it as a new message.
    SendNew,
    /// Set right what is outside the message; it is not used up.
    SetRight,
    /// Take the settlement that is there.
    Book,
    /// Tell the patient.
    TellPatient,
    /// Call the centre.
    CallCentre,
}

impl Advice {
    /// In words.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::SendAgain, Language::Zh) => "请用原报文号重发",
            (Self::SendAgain, Language::En) => "Send the same message again",
            (Self::Correct, Language::Zh) => "请更正后用新报文号发送",
            (Self::Correct, Language::En) => "Correct it and send it as a new message",
            (Self::SendNew, Language::Zh) => "请用新报文号发送",
            (Self::SendNew, Language::En) => "Send it as a new message",
            (Self::SetRight, Language::Zh) => "处理后可用原报文号重发",
            (Self::SetRight, Language::En) => "Then the same message may be sent again",
            (Self::Book, Language::Zh) => "请按此结算号入账,或用 5203 取回",
            (Self::Book, Language::En) => "Book that settlement, or fetch it with 5203",
            (Self::TellPatient, Language::Zh) => "请告知患者",
            (Self::TellPatient, Language::En) => "Tell the patient",
            (Self::CallCentre, Language::Zh) => "请联系医保中心",
            (Self::CallCentre, Language::En) => "Call the insurance centre",
        }
    }
}

/// Which kind of "no" a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Refused by rule; final, and recorded.
    Refused,
    /// Certainly without effect; may be sent again, also under a new id.
    NotProcessed,
    /// Nothing is known.
    Unknown,
}

/// One row of the registry, for manuals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryRow {
    /// The stable code.
    pub code: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// What to do.
    pub advice: Advice,
    /// Chinese text, figures in braces.
    pub zh: &'static str,
    /// English text.
    pub en: &'static str,
}

/// The type of a figure: a value, told as it is, where none is named.
macro_rules! figure {
    () => {
        String
    };
    ($type:ty) => {
        $type
    };
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident: $kind:ident {
        $($variant:ident $({ $($figure:ident $(: $type:ty)?),* })? = $code:literal, $advice:ident, $zh:literal, $en:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(
                #[doc = concat!("`", $code, "`")]
                $variant $({
                    $(#[doc = "A figure of the text."] $figure: figure!($($type)?)),*
                })?
            ),*
        }

        impl $name {
            /// The registry rows of this kind.
            pub const REGISTRY: &'static [RegistryRow] = &[
                $(RegistryRow { code: $code, kind: Kind::$kind, advice: Advice::$advice, zh: $zh, en: $en }),*
            ];

            /// The stable code.
            pub fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code),* }
            }

            /// What to do.
            pub fn advice(&self) -> Advice {
                match self { $(Self::$variant { .. } => Advice::$advice),* }
            }

            /// What was seen and what is allowed.
            pub fn text(&self, language: Language) -> String {
                match self {
                    $(Self::$variant $({ $($figure),* })? => {
                        $($(let $figure = Figure::told($figure, language);)*)?
                        match language {
                            Language::Zh => format!($zh),
                            Language::En => format!($en),
                        }
                    })*
                }
            }

            /// The text in both languages.
            pub fn words(&self) -> Both {
                Both::new(self.text(Language::Zh), self.text(Language::En))
            }

            /// `[CODE] text`, at most 200 characters.
            pub fn message(&self, language: Language) -> String {
                let text = self.text(language);
                let stop = if language == Language::Zh { "。" } else { ". " };
                let whole = format!("[{}] {text}{stop}{}", self.code(), self.advice().words(language));
                if whole.chars().count() <= 200 { whole } else { whole.chars().take(199).chain(['…']).collect() }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.message(Language::En))
            }
        }
    };
}

/// Lines of one call that were refused, each with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines(pub Vec<(String, Refusal)>);

/// So many lines are named in the text; all of them in the output.
const LINES_NAMED: usize = 3;

impl Figure for Lines {
    fn told(&self, _: Language) -> Cow<'_, str> {
        let named = self.0.iter().take(LINES_NAMED).map(|(line, why)| format!("{line} {}", why.code()));
        let mut named: Vec<String> = named.collect();
        named.extend((self.0.len() > LINES_NAMED).then(|| "…".into()));
        named.join(", ").into()
    }
}

codes! {
    /// The rules say no; final, and recorded under the message's id.
    Refusal: Refused {
        InfnoNotOffered { infno } = "INFNO_NOT_OFFERED", CallCentre, "本中心不提供交易 {infno}", "this centre does not offer transaction {infno}";
        FieldMissing { field, name } = "FIELD_MISSING", Correct, "缺少 {name}({field}),必须填写", "{field} is missing; it must be filled in";
        FieldInvalid { field, value, rule: Rule } = "FIELD_INVALID", Correct, "{field} 的值「{value}」不符合:{rule}", "{field} has the value '{value}', which is not: {rule}";
        FieldTooLong { field, length, max } = "FIELD_TOO_LONG", Correct, "{field} 有 {length} 个字符,超过 {max}", "{field} has {length} characters, at most {max} are allowed";
        CodeUnknown { field, value, dictionary } = "CODE_UNKNOWN", Correct, "{field}:字典 {dictionary} 没有代码「{value}」", "{field}: dictionary {dictionary} has no code '{value}'";
        CareKindMisplaced { kind, wanted: Both, instead: Both } = "CARE_KIND_MISPLACED", Correct, "医疗类别 {kind} 不是{wanted},{instead}", "kind of care {kind} is not {wanted}; {instead}";
        CareKindNotOffered { kind, name } = "CARE_KIND_NOT_OFFERED", CallCentre, "本中心尚不办理医疗类别 {kind}({name})", "this centre does not yet handle kind of care {kind}";
        VoucherNotRead = "VOUCHER_NOT_READ", Correct, "本中心不解析医保电子凭证,请传身份证号(certno)", "this centre does not read electronic vouchers; send the identity number (certno)";
        HospitalUnknown { hospital } = "HOSPITAL_UNKNOWN", CallCentre, "定点机构 {hospital} 不存在", "there is no designated institution {hospital}";
        HospitalMismatch { hospital, key_hospital } = "HOSPITAL_MISMATCH", CallCentre, "报文机构 {hospital} 与密钥机构 {key_hospital} 不符", "the message says institution {hospital}, its key belongs to {key_hospital}";
        HospitalSuspended { hospital } = "HOSPITAL_SUSPENDED", CallCentre, "定点机构 {hospital} 已暂停", "institution {hospital} is suspended";
        SignInRequired { operator } = "SIGN_IN_REQUIRED", Correct, "操作员 {operator} 没有有效签到,请先做 9001", "operator {operator} has not signed in; send 9001 first";
        MsgidReused { message } = "MSGID_REUSED", Correct, "报文号 {message} 已用于另一内容", "message id {message} was used with other content";
        ReversedBeforeArrival { message } = "REVERSED_BEFORE_ARRIVAL", Correct, "报文 {message} 在到达之前已被冲正", "message {message} was taken back before it arrived";
        MessageTakenBack { message } = "MESSAGE_TAKEN_BACK", SendNew, "报文 {message} 已被冲正,没有效力", "message {message} was taken back with 2601 and has no effect";
        PersonUnknown { person } = "PERSON_UNKNOWN", Correct, "查无此人:{person}", "nobody found for {person}";
        PersonAmbiguous { count } = "PERSON_AMBIGUOUS", Correct, "证件对应 {count} 个人,请用人员编号", "the document belongs to {count} persons; use the person number";
        PersonMismatch { person } = "PERSON_MISMATCH", Correct, "人员 {person} 与就诊或结算不符", "person {person} does not own this visit or settlement";
        InsuranceMismatch { sent, held } = "INSURANCE_MISMATCH", Correct, "险种 {sent} 与就诊登记的险种 {held} 不符", "insurance kind {sent} is not {held}, under which the visit was registered";
        DivisionUnknown { division } = "DIVISION_UNKNOWN", CallCentre, "参保地区划 {division} 不在可结算范围", "home division {division} cannot be settled here";
        CoverNone { date, kind } = "COVER_NONE", TellPatient, "{date} 没有有效的险种 {kind}", "no insurance of kind {kind} on {date}";
        PersonDied { date } = "PERSON_DIED", TellPatient, "参保人已于 {date} 死亡,之后的医疗不能结算", "the person died on {date}: no care after that is settled";
        PersonMerged { person } = "PERSON_MERGED", Correct, "该人员编号已合并,请用 {person}", "this number was merged with another: use {person}";
        BillSupplemented { settlement } = "BILL_SUPPLEMENTED", CallCentre, "中心已就结算 {settlement} 向本人补付待遇,不能在此撤销", "the centre has paid the person more for settlement {settlement}: it cannot be undone here";
        VisitUnknown { visit } = "VISIT_UNKNOWN", Correct, "没有就诊 {visit}", "there is no visit {visit}";
        VisitWrongState { state: Both, action: Both } = "VISIT_WRONG_STATE", Correct, "就诊当前为「{state}」,不能「{action}」", "the visit is '{state}', which does not allow '{action}'";
        UndoFirst { step: Both } = "UNDO_FIRST", SendNew, "须先{step}", "first {step}";
        FilingUnknown { filing } = "FILING_UNKNOWN", Correct, "没有备案 {filing},或不属于该人员、该类型", "there is no filing {filing} of this person and kind";
        FilingOverlaps { filing, from, to } = "FILING_OVERLAPS", Correct, "已有同一备案 {filing}(自 {from} 至 {to}),期间重叠", "filing {filing} of the same is there from {from} to {to}; the periods overlap";
        FilingWithdrawn { filing } = "FILING_WITHDRAWN", Book, "备案 {filing} 已撤销", "filing {filing} was withdrawn already";
        RegisteredOtherwise { key } = "REGISTERED_OTHERWISE", Correct, "{key} 已登记且内容不同,请用变更交易(科室 3402)", "{key} is registered with other content; use the transaction that changes it (departments: 3402)";
        NotRegistered { key } = "NOT_REGISTERED", Correct, "没有登记 {key}", "{key} is not registered";
        InHospitalElsewhere { hospital, since } = "IN_HOSPITAL_ELSEWHERE", TellPatient, "正在 {hospital} 住院(自 {since})", "is in hospital at {hospital} since {since}";
        NoLines = "NO_LINES", Correct, "没有可结算的费用明细", "there are no fee lines to settle";
        LineDuplicate { line } = "LINE_DUPLICATE", Correct, "明细 {line} 已上传且内容不同,请先撤销", "line {line} was uploaded with other content; withdraw it first";
        LineAmount { line, amount, price, quantity } = "LINE_AMOUNT", Correct, "明细 {line} 金额 {amount} ≠ 单价 {price} × 数量 {quantity}", "line {line}: amount {amount} is not price {price} × quantity {quantity}";
        TraceCodeRequired { line, item } = "TRACE_CODE_REQUIRED", Correct, "明细 {line}:药品 {item} 须带追溯码(drugtracinfo)", "line {line}: drug {item} must carry its trace code (drugtracinfo)";
        LineQuantity { line, quantity } = "LINE_QUANTITY", Correct, "明细 {line} 数量 {quantity},数量须大于 0", "line {line} has quantity {quantity}; it must be more than 0";
        VisitTooLong { lines, max } = "VISIT_TOO_LONG", CallCentre, "本次就诊已有 {lines} 条明细,最多 {max} 条", "the visit has {lines} lines, at most {max} are kept";
        RefundNotOffered { line, price, quantity, amount } = "REFUND_NOT_OFFERED", SendNew, "明细 {line} 单价 {price}、数量 {quantity}、金额 {amount}。门诊没有退费行:请用 2205 撤销本批后重传;已结算的先用 2208", "line {line}: price {price}, quantity {quantity}, amount {amount}: no refund rows here; withdraw the batch with 2205, upload it anew";
        RefundOriginal { line, original } = "REFUND_ORIGINAL", Correct, "退费明细 {line} 的原明细 {original} 不存在、已撤销或本身是退费明细", "refund row {line}: its original {original} is not there, was withdrawn, or is a refund itself";
        RefundExceeds { line, asked, left } = "REFUND_EXCEEDS", Correct, "退费明细 {line} 退 {asked},可退 {left}(数量、金额);须同时退完或同时有余", "refund row {line} takes back {asked}, of {left} (quantity, amount) that is left; all of both, or part of both";
        RefundStands { line, refund } = "REFUND_STANDS", SendNew, "明细 {line} 有退费明细 {refund},须先撤销或一并撤销", "line {line} has refund row {refund}; withdraw that first, or with it";
        LinesRefused { count, lines: Lines } = "LINES_REFUSED", Correct, "{count} 条明细不符,全部未收:{lines};逐条原因见 output", "{count} lines were refused, none was taken: {lines}; output tells why, line by line";
        LineDate { line, date, from, to } = "LINE_DATE", Correct, "明细 {line} 的日期 {date} 超出就诊期间,应在 {from} 至 {to} 之间", "line {line} is dated {date}, outside the visit; it must be between {from} and {to}";
        LinesTooMany { count, max } = "LINES_TOO_MANY", Correct, "一次 {count} 条明细,最多 {max} 条", "{count} lines in one call, at most {max}";
        MappingSentBack { item, code, why } = "MAPPING_SENT_BACK", Correct, "院内项目 {item} 与 {code} 的对照被审核退回:{why}。请改对照或更正名称规格后再传", "{item} mapped to {code} was sent back on review: {why}. Map it to another item, or correct its name or form";
        MappingConflict { item, code } = "MAPPING_CONFLICT", Correct, "院内项目 {item} 在此期间已对照 {code},请先用 3302 撤销或错开日期", "item {item} is mapped to {code} at that time: withdraw that with 3302 first, or take other days";
        FileUnknown { file } = "FILE_UNKNOWN", Correct, "没有文件 {file},或已过下载期限", "there is no file {file}, or it can no longer be fetched";
        ItemStopped { line, code, date } = "ITEM_STOPPED", Correct, "明细 {line}:{code} 在 {date} 不在目录(已停用或尚未启用)", "line {line}: {code} is not listed on {date}: it has been stopped, or is not yet in force";
        ItemUnknown { line, code } = "ITEM_UNKNOWN", Correct, "明细 {line}:目录没有 {code}", "line {line}: the catalogue has no {code}";
        AlreadySettled { settlement } = "ALREADY_SETTLED", Book, "已结算,结算号 {settlement}", "already settled as {settlement}";
        BatchSettled { batch, settlement } = "BATCH_SETTLED", Correct, "收费批次 {batch} 已结算,结算号 {settlement};请换批次号,或先用 2208 撤销结算", "charge batch {batch} is settled as {settlement}; use another batch, or void that settlement with 2208 first";
        TotalMismatch { sent, reckoned } = "TOTAL_MISMATCH", Correct, "费用总额 {sent} 与明细合计 {reckoned} 不符", "the total sent is {sent}, the lines add up to {reckoned}";
        SplitMismatch { figure: Both, sent, reckoned } = "SPLIT_MISMATCH", Correct, "{figure} {sent} 与中心计算的 {reckoned} 不符", "{figure} was sent as {sent}, the centre reckons {reckoned}";
        SettlementUnknown { settlement } = "SETTLEMENT_UNKNOWN", Correct, "没有结算 {settlement}", "there is no settlement {settlement}";
        NotExplained { settlement } = "NOT_EXPLAINED", CallCentre, "结算 {settlement} 所依据的政策版本不在手,无法说明", "the edition settlement {settlement} was settled under is not at hand: it cannot be explained";
        AlreadyVoided { settlement } = "ALREADY_VOIDED", Correct, "结算 {settlement} 已撤销", "settlement {settlement} was voided already";
        OriginalInfnoUnknown { infno } = "ORIGINAL_INFNO_UNKNOWN", Correct, "oinfno:没有交易「{infno}」,请填原报文的交易编号", "oinfno: there is no transaction '{infno}'; give the number of the original message";
        NotReversible { infno, undo: Both } = "NOT_REVERSIBLE", Correct, "交易 {infno} 不能冲正,请用 {undo}", "2601 cannot take back {infno}; use {undo}";
        ReversalDependedOn { settlement } = "REVERSAL_DEPENDED_ON", Correct, "已有后续结算 {settlement},不能冲正", "settlement {settlement} depends on it";
        BillChanged { settlement } = "BILL_CHANGED", Correct, "结算 {settlement} 撤销之后,就诊或明细已变动,不能恢复,请重新结算", "since settlement {settlement} was voided its visit or lines have changed; it cannot be re-instated, settle anew";
        CandidateExists { message, candidate, amount } = "CANDIDATE_EXISTS", Correct, "报文号 {message} 未收到;两秒内相近的一笔是 {candidate}({amount})", "message id {message} was never received; the one within two seconds is {candidate} ({amount})";
        DayNotExplained { date, count } = "DAY_NOT_EXPLAINED", Correct, "{date} 还有 {count} 笔差异没有原因,请先用 3202 核对并处理", "{count} rows of {date} differ without a reason: clear them up and compare details with 3202";
        FileContent { line, what: Both } = "FILE_CONTENT", Correct, "文件第 {line} 行无法识别:{what}", "line {line} of the file cannot be read: {what}";
        DayConfirmed { date, settlement } = "DAY_CONFIRMED", Correct, "{date} 已对账一致,不能冲正;请用 2208(住院 2305、药店 2103)撤销结算 {settlement}", "{date} is agreed on, nothing of it is taken back; void settlement {settlement} with 2208 (a stay 2305, a purchase 2103)";
        PeriodClosed { period } = "PERIOD_CLOSED", CallCentre, "{period} 已清算。请先向医保经办申请跨期,获准后用 2208、2305、2103 撤销", "{period} is cleared: ask the centre to allow it across periods, then void it with 2208, 2305 or 2103";
        PeriodNotOver { period } = "PERIOD_NOT_OVER", Correct, "{period} 尚未结束,月末之后再申请清算", "{period} is not over: apply once the month has ended";
        ClearingDiffers { what: Both } = "CLEARING_DIFFERS", Correct, "申报金额与中心不符:{what}。请先用 3201、3202 对账", "what is applied for is not what the books say: {what}; reconcile with 3201 and 3202 first";
        ClearingUnknown { application } = "CLEARING_UNKNOWN", Correct, "没有清算申请 {application},或已撤销", "there is no application {application}, or it was withdrawn";
        AccountShort { balance, needed } = "ACCOUNT_SHORT", TellPatient, "账户余额 {balance} 不足 {needed}", "the account holds {balance}, {needed} is needed";
        DateOutOfRange { date, from, to } = "DATE_OUT_OF_RANGE", Correct, "就诊日期 {date} 不在 {from} 至 {to} 之间", "the date of care {date} is not between {from} and {to}";
        EditionNone { date } = "EDITION_NONE", CallCentre, "{date} 没有生效的待遇政策", "no policy edition is in force on {date}";
    }
}

codes! {
    /// Certainly without effect.
    Problem: NotProcessed {
        Malformed { place: Both } = "MALFORMED", Correct, "报文无法解析:{place}", "the message cannot be read: {place}";
        TooLarge { max } = "TOO_LARGE", Correct, "报文超过 {max} 字节", "the message exceeds {max} bytes";
        TooDeep { max } = "TOO_DEEP", Correct, "报文嵌套超过 {max} 层", "the message is nested deeper than {max}";
        DuplicateKey { key } = "DUPLICATE_KEY", Correct, "字段 {key} 重复", "member {key} stands twice";
        NodeRepeated { node } = "NODE_REPEATED", Correct, "节点 {node} 重复且内容不同", "node {node} stands more than once with different content";
        Encoding = "ENCODING", Correct, "报文不是 UTF-8", "the message is not UTF-8";
        InfnoUnknown { infno } = "INFNO_UNKNOWN", Correct, "没有交易 {infno}", "there is no transaction {infno}";
        EnvelopeField { field, rule: Rule } = "ENVELOPE_FIELD", Correct, "报文头 {field} 不符合:{rule}", "the envelope's {field} is not: {rule}";
        Signature = "SIGNATURE", SetRight, "签名不符,请核对密钥和参与签名的字符串", "the signature does not fit; check the key and the string that is signed";
        StaleHeader { seconds } = "STALE_HEADER", SetRight, "请求时间戳与中心相差 {seconds} 秒,最多 600 秒;请校准本机时钟", "the request's time stamp is {seconds} s from the centre's clock, at most 600 s are allowed; set this machine's clock";
        KeyUnknown { key } = "KEY_UNKNOWN", SetRight, "没有接入密钥 {key},请核对密钥编号", "there is no access key {key}; check its name";
        KeyMissing = "KEY_MISSING", SetRight, "请求没有网关签名头,请带 x-tif-paasid、x-tif-timestamp、x-tif-nonce、x-tif-signature,或五个 _api_ 头", "the request is not signed; send the headers x-tif-paasid, x-tif-timestamp, x-tif-nonce and x-tif-signature, or the five of _api_";
        TooSlow = "TOO_SLOW", SendAgain, "报文发送过慢,连接已关闭", "the message came too slowly; the connection is closed";
        RateLimited = "RATE_LIMITED", SendAgain, "请求过于频繁,请稍后", "too many messages; wait a little";
        TooManyConnections = "TOO_MANY_CONNECTIONS", SendAgain, "本机构的连接过多,未处理", "this institution has too many connections; not processed";
        NotFound { path } = "NOT_FOUND", Correct, "没有此地址 {path},请用 POST /api/交易编号", "there is nothing at {path}; use POST /api/INFNO";
        Busy = "BUSY", SendAgain, "系统忙,未处理", "the system is busy; not processed";
        Stopping = "STOPPING", SendAgain, "正在停机,未处理", "the system is stopping; not processed";
        DiskLow = "DISK_LOW", SendAgain, "磁盘空间不足,未处理", "the disk is nearly full; not processed";
        StoreFailed { id } = "STORE_FAILED", SendAgain, "中心存储故障,未处理,编号 {id}", "the centre's storage failed; not processed, number {id}";
        IntentNotKept { cause: Both } = "INTENT_NOT_KEPT", SendAgain, "本机无法保存待发报文,未发送:{cause}", "this machine could not keep the message, it was not sent: {cause}";
        Elsewhere { text } = "NOT_PROCESSED", SendAgain, "对方未处理:{text}", "the other side did not process it: {text}";
        TakenBack { cause: Both } = "TAKEN_BACK", SendNew, "结果曾未知,报文已冲正,没有效果;中心的答复:{cause}", "the outcome was unknown; the message was taken back and has no effect; the centre had said: {cause}";
        LineDown { cause: Both } = "LINE_DOWN", SendAgain, "线路不通,未送达:{cause}", "the line is down, not delivered: {cause}";
    }
}

codes! {
    /// Nothing is known of the outcome.
    Doubt: Unknown {
        InProgress { message } = "IN_PROGRESS", SendAgain, "报文 {message} 正在处理", "message {message} is being processed";
        Fault { id } = "FAULT", SendAgain, "系统故障,结果未知,编号 {id}", "a fault; the outcome is unknown, number {id}";
        NotTakenBack { cause: Both } = "NOT_TAKEN_BACK", CallCentre, "结果未知,重发被拒绝,也未能冲正:{cause}", "the outcome is unknown; it was refused when sent again, and could not be taken back: {cause}";
        NoAnswer { cause: Both } = "NO_ANSWER", SendAgain, "没有收到答复,结果未知:{cause}", "no answer; the outcome is unknown: {cause}";
    }
}

/// The whole registry.
pub fn registry() -> impl Iterator<Item = &'static RegistryRow> {
    Refusal::REGISTRY.iter().chain(Problem::REGISTRY).chain(Doubt::REGISTRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_upper_snake() {
        let mut codes: Vec<_> = registry().map(|r| r.code).collect();
        assert!(codes.iter().all(|c| c.chars().all(|ch| ch.is_ascii_uppercase() || ch == '_')));
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn a_message_names_the_code_what_was_seen_and_what_to_do() {
        let refusal = Refusal::AlreadySettled { settlement: "815".into() };
        assert_eq!(
            refusal.message(Language::Zh),
            "[ALREADY_SETTLED] 已结算,结算号 815。请按此结算号入账,或用 5203 取回"
        );
        assert_eq!(
            refusal.message(Language::En),
            "[ALREADY_SETTLED] already settled as 815. Book that settlement, or fetch it with 5203"
        );
        let long = Refusal::VisitUnknown { visit: "9".repeat(500) };
        assert_eq!(long.message(Language::Zh).chars().count(), 200);
    }

    #[test]
    fn every_text_has_room_for_its_figures_and_its_advice() {
        for row in registry() {
            for (language, text) in [(Language::Zh, row.zh), (Language::En, row.en)] {
                let around: usize =
                    text.split(['{', '}']).step_by(2).map(|words| words.chars().count()).sum();
                let figures = 10 * text.matches('{').count();
                let advice = row.advice.words(language).chars().count();
                let whole = row.code.len() + 3 + around + figures + 2 + advice;
                assert!(whole <= 200, "{} has {whole} characters with figures of ten", row.code);
            }
        }
    }

    #[test]
    fn advice_behind_a_full_stop_begins_with_a_capital_letter() {
        for row in registry() {
            let words = row.advice.words(Language::En);
            assert!(words.starts_with(|c: char| c.is_ascii_uppercase()), "{}: {words}", row.code);
        }
    }

    #[test]
    fn what_the_headers_lack_does_not_use_the_message_up() {
        let stale = Problem::StaleHeader { seconds: "700".into() };
        for (problem, what) in [
            (Problem::Signature, "the string that is signed"),
            (stale, "set this machine's clock"),
            (Problem::KeyUnknown { key: "k".into() }, "check its name"),
            (Problem::KeyMissing, "x-tif-signature"),
        ] {
            let told = problem.message(Language::En);
            assert!(told.contains(what) && told.ends_with("the same message may be sent again"), "{told}");
            let told = problem.message(Language::Zh);
            assert!(told.ends_with("可用原报文号重发"), "{told}");
        }
    }
}
