//! What this centre says in words of its own, in both languages: states and steps named in refusals, and warnings.

use wire::Both;

macro_rules! words {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        $(pub(crate) const $name: Both = Both::of($zh, $en);)*

        /// Everything this centre says in words of its own, for manuals.
        pub fn words() -> impl Iterator<Item = Both> {
            [$($name),*].into_iter()
        }
    };
}

words! {
    // What a visit is.
    A_STAY = "住院", "a stay";
    AN_OUTPATIENT_VISIT = "门诊", "an outpatient visit";
    A_PURCHASE = "药店购药", "a purchase at a pharmacy";
    IN_HOSPITAL = "在院", "in hospital";
    DISCHARGED = "已出院", "discharged";
    CANCELLED = "已撤销", "cancelled";

    // What was asked of it.
    TO_CANCEL = "撤销就诊", "cancel";
    TO_UPLOAD_VISIT = "上传就诊信息", "upload visit";
    TO_UPLOAD_FEES = "上传费用明细", "upload fees";
    TO_WITHDRAW_FEES = "撤销费用明细", "withdraw fees";
    TO_SETTLE = "结算", "settle";
    TO_VOID = "撤销结算", "void";
    TO_CHANGE = "变更住院信息", "change what is said of it";
    TO_REPORT = "上传结算清单", "report its settlement list";
    TO_DISCHARGE = "出院", "discharge";
    TO_CANCEL_DISCHARGE = "撤销出院", "cancel the discharge";

    // What must be undone first.
    OUTPATIENT_SETTLEMENT = "用 2208 撤销门诊结算", "void the outpatient settlement with 2208";
    OUTPATIENT_FEES = "用 2205 撤销门诊费用明细", "withdraw the outpatient fees with 2205";
    STAY_SETTLEMENT = "用 2305 撤销住院结算", "void the inpatient settlement with 2305";
    LATER_SETTLEMENT = "用 2305 撤销本次住院较晚的结算", "void the later settlement of the stay with 2305";
    STAY_FEES = "用 2302 撤销住院费用明细", "withdraw the inpatient fees with 2302";
    STAY_DISCHARGE = "用 2405 撤销出院", "take the discharge back with 2405";
    THE_SAME_MESSAGE = "原报文重发", "the same message again";

    // Split amounts.
    OUT_OF_SCOPE = "全自费", "out of scope";
    OVER_LIMIT = "超限价", "over limit";
    FIRST_SELF_PAY = "先行自付", "first self-pay";
    TOTAL = "医疗费总额", "total";
    FUNDS = "基金支付", "paid by funds";
    ACCOUNT = "个人账户支付", "paid by the account";
    CASH = "个人现金支付", "paid in cash";
    IN_SCOPE = "符合范围", "in scope";

    // Why a fund may not be used.
    ARREARS = "欠费,统筹待遇暂停", "premiums are in arrears";
    WAITING = "等待期内", "within the waiting period";
    NOT_ENROLLED = "没有有效参保", "not enrolled on this day";

    // Sums compared.
    SUMS_EQUAL = "一致", "equal";
    COUNTED_WITH_REFUNDS = "按含退费口径一致:退费结算标志请填 1", "equal with refunds counted: set the flag of refunds to 1";
    COUNTED_WITHOUT_REFUNDS = "按不含退费口径一致:退费结算标志请填 0", "equal without refunds: set the flag of refunds to 0";
    COUNTED_STANDING = "贵方未计已退费的结算:原结算与退费各计一笔", "settlements that were refunded were left out: they count, and so do their refunds";
    COUNTED_ACCOUNT_IN_FUNDS = "贵方把个人账户计入了基金支付", "what accounts paid was counted among the funds";
    COUNTED_FUNDS_ALONE = "按贵方约定,基金支付应含个人账户", "as agreed with you, what accounts paid is among the funds";
    ASK_FOR_DETAILS = "请用 3202 核对明细", "compare the rows with 3202";

    // Warnings.
    MORE_VISITS = "结果过多,只列出最近的;请缩短时间范围", "too many to list, only the latest are told; ask for fewer days";
    NAME_DIFFERS = "姓名与参保登记不一致", "the name differs from the enrolment";
    UNTRACED = "缺药品追溯码,请补传", "its drug trace code is missing; send it";
    UNCONFIRMED = "限制用药未审批,按自费", "restricted use is not confirmed, out of scope";
    NO_LINE_WITHDRAWN = "没有未结算的明细可撤销", "no unsettled line to withdraw";
    HAD_BEEN_REFUSED = "原交易未成功,无需冲正", "the message had been refused: nothing to take back";
    STAYS_REFUSED = "原交易未到达,已登记", "it had not arrived and stays refused";
    TAKEN_BACK_BEFORE = "原交易此前已冲正", "it was taken back before";
    MOVED_NO_MONEY = "原交易没有资金影响", "it moved no money";
    NEVER_CAME = "原交易未到达;若迟到将被拒绝", "it never arrived; should it still come it will be refused";
}
