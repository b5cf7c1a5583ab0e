//! A hospital's program for load: builds the bodies of a whole bill.

use jiff::civil::DateTime;
use model::Institution;
use wire::{compact_time, print_time};

/// Builds bodies for one hospital.
#[derive(Debug, Clone)]
pub struct Bodies<'a> {
    /// The hospital.
    pub hospital: &'a Institution,
}

/// One charged item: code and price.
pub type Charge<'a> = (&'a str, &'a str);

impl Bodies<'_> {
    /// A message id: code, time, four digits.
    pub fn msgid(&self, now: DateTime, serial: u64) -> String {
        format!("{}{}{:04}", self.hospital.code, &compact_time(now)[..14], serial % 10_000)
    }

    fn envelope(&self, infno: &str, msgid: &str, now: DateTime, input: &str) -> String {
        let h = self.hospital;
        format!(
            "{{\"infno\":\"{infno}\",\"msgid\":\"{msgid}\",\"mdtrtarea_admvs\":\"{}\",\"insuplc_admdvs\":\"990101\",\
             \"recer_sys_code\":\"YBXT\",\"dev_no\":\"\",\"dev_safe_info\":\"\",\"cainfo\":\"\",\"signtype\":\"\",\
             \"infver\":\"V1.0\",\"opter_type\":\"1\",\"opter\":\"0103\",\"opter_name\":\"李敏\",\"inf_time\":\"{}\",\
             \"fixmedins_code\":\"{}\",\"fixmedins_name\":\"{}\",\"sign_no\":\"\",\"input\":{input}}}",
            h.division,
            print_time(now),
            h.code,
            h.name
        )
    }

    /// 2201.
    pub fn register(&self, msgid: &str, now: DateTime, person: &str, number: &str) -> String {
        let input = format!(
            "{{\"data\":{{\"psn_no\":\"{person}\",\"insutype\":\"310\",\"begntime\":\"{}\",\"mdtrt_cert_type\":\"02\",\
             \"mdtrt_cert_no\":\"x\",\"ipt_otp_no\":\"{number}\",\"atddr_no\":\"D1\",\"dr_name\":\"王医生\",\
             \"dept_code\":\"0301\",\"dept_name\":\"内科门诊\",\"caty\":\"A03\"}}}}",
            print_time(now)
        );
        self.envelope("2201", msgid, now, &input)
    }

    /// 2203.
    pub fn visit(&self, msgid: &str, now: DateTime, person: &str, visit: &str) -> String {
        let time = print_time(now);
        let input = format!(
            "{{\"mdtrtinfo\":{{\"mdtrt_id\":\"{visit}\",\"psn_no\":\"{person}\",\"med_type\":\"11\",\
             \"begntime\":\"{time}\",\"main_cond_dscr\":\"\",\"dise_codg\":\"\",\"dise_name\":\"\"}},\
             \"diseinfo\":[{{\"diag_type\":\"1\",\"diag_srt_no\":1,\"diag_code\":\"I10\",\
             \"diag_name\":\"原发性高血压\",\"diag_dept\":\"0301\",\"dise_dor_no\":\"D1\",\
             \"dise_dor_name\":\"王医生\",\"diag_time\":\"{time}\",\"vali_flag\":\"1\"}}]}}"
        );
        self.envelope("2203", msgid, now, &input)
    }

    /// 2204, in a batch named `1`.
    pub fn fees(
        &self,
        msgid: &str,
        now: DateTime,
        person: &str,
        visit: &str,
        charges: &[Charge<'_>],
    ) -> String {
        let time = print_time(now);
        let rows: Vec<String> = charges
            .iter()
            .enumerate()
            .map(|(n, (code, price))| {
                format!(
                    "{{\"feedetl_sn\":\"{n}\",\"mdtrt_id\":\"{visit}\",\"psn_no\":\"{person}\",\
                     \"chrg_bchno\":\"1\",\"dise_codg\":\"\",\"rxno\":\"RX1\",\"rx_circ_flag\":\"0\",\
                     \"fee_ocur_time\":\"{time}\",\"med_list_codg\":\"{code}\",\"medins_list_codg\":\"YP{n}\",\
                     \"det_item_fee_sumamt\":{price},\"cnt\":1,\"pric\":{price},\"sin_dos_dscr\":\"1片\",\
                     \"used_frqu_dscr\":\"每日三次\",\"prd_days\":3,\"medc_way_dscr\":\"口服\",\
                     \"bilg_dept_codg\":\"0301\",\"bilg_dept_name\":\"内科门诊\",\"bilg_dr_codg\":\"D1\",\
                     \"bilg_dr_name\":\"王医生\",\"acord_dept_codg\":null,\"hosp_appr_flag\":\"1\",\
                     \"etip_flag\":null,\"matn_fee_flag\":\"0\"}}"
                )
            })
            .collect();
        self.envelope("2204", msgid, now, &format!("{{\"feedetail\":[{}]}}", rows.join(",")))
    }

    /// 2206 or 2207.
    pub fn bill(
        &self,
        infno: &str,
        msgid: &str,
        now: DateTime,
        person: &str,
        visit: &str,
        total: &str,
    ) -> String {
        let input = format!(
            "{{\"data\":{{\"psn_no\":\"{person}\",\"mdtrt_cert_type\":\"02\",\"mdtrt_cert_no\":\"x\",\
             \"med_type\":\"11\",\"medfee_sumamt\":{total},\"psn_setlway\":\"01\",\"mdtrt_id\":\"{visit}\",\
             \"chrg_bchno\":\"1\",\"insutype\":\"310\",\"acct_used_flag\":\"1\",\"invono\":null}}}}"
        );
        self.envelope(infno, msgid, now, &input)
    }

    /// 2401.
    pub fn admit(&self, msgid: &str, now: DateTime, person: &str, number: &str, begins: DateTime) -> String {
        let time = print_time(begins);
        let input = format!(
            "{{\"mdtrtinfo\":{{\"psn_no\":\"{person}\",\"insutype\":\"310\",\"begntime\":\"{time}\",\
             \"mdtrt_cert_type\":\"02\",\"mdtrt_cert_no\":\"x\",\"med_type\":\"21\",\"ipt_no\":\"{number}\",\
             \"atddr_no\":\"D1\",\"chfpdr_name\":\"王医生\",\"adm_diag_dscr\":\"肺炎\",\"adm_dept_codg\":\"0301\",\
             \"adm_dept_name\":\"内科\",\"adm_bed\":\"12\",\"dscg_maindiag_code\":\"J18.9\",\
             \"dscg_maindiag_name\":\"肺炎\"}},\"diseinfo\":[{{\"psn_no\":\"{person}\",\"diag_type\":\"1\",\
             \"maindiag_flag\":\"1\",\"diag_srt_no\":1,\"diag_code\":\"J18.9\",\"diag_name\":\"肺炎\",\
             \"diag_dept\":\"0301\",\"dise_dor_no\":\"D1\",\"dise_dor_name\":\"王医生\",\"diag_time\":\"{time}\",\
             \"vali_flag\":\"1\"}}]}}"
        );
        self.envelope("2401", msgid, now, &input)
    }

    /// 2301: lines by number, each once at its price.
    pub fn stay_fees(
        &self,
        msgid: &str,
        now: DateTime,
        person: &str,
        stay: &str,
        served: DateTime,
        charges: &[(usize, &str, &str)],
    ) -> String {
        let time = print_time(served);
        let row = |(n, code, price): &(usize, &str, &str)| {
            format!(
                "{{\"feedetl_sn\":\"{n}\",\"mdtrt_id\":\"{stay}\",\"psn_no\":\"{person}\",\"med_type\":\"21\",\
                 \"fee_ocur_time\":\"{time}\",\"med_list_codg\":\"{code}\",\"medins_list_codg\":\"YP{n}\",\
                 \"det_item_fee_sumamt\":{price},\"cnt\":1,\"pric\":{price},\"bilg_dept_codg\":\"0301\",\
                 \"bilg_dept_name\":\"内科\",\"bilg_dr_codg\":\"D1\",\"bilg_dr_name\":\"王医生\",\
                 \"hosp_appr_flag\":\"1\"}}"
            )
        };
        let rows: Vec<String> = charges.iter().map(row).collect();
        self.envelope("2301", msgid, now, &format!("{{\"feedetail\":[{}]}}", rows.join(",")))
    }

    /// 2303.
    pub fn stay_bill(&self, msgid: &str, now: DateTime, person: &str, stay: &str, total: &str) -> String {
        let input = format!(
            "{{\"data\":{{\"psn_no\":\"{person}\",\"mdtrt_cert_type\":\"02\",\"mdtrt_cert_no\":\"x\",\
             \"medfee_sumamt\":{total},\"psn_setlway\":\"01\",\"mdtrt_id\":\"{stay}\",\"acct_used_flag\":\"1\",\
             \"insutype\":\"310\",\"invono\":\"\",\"mid_setl_flag\":\"0\",\"fulamt_ownpay_amt\":0,\
             \"overlmt_selfpay\":0,\"preselfpay_amt\":0,\"inscp_scp_amt\":0}}}}"
        );
        self.envelope("2303", msgid, now, &input)
    }

    /// 2601.
    pub fn reverse(&self, msgid: &str, now: DateTime, person: &str, infno: &str, original: &str) -> String {
        let input = format!(
            "{{\"data\":{{\"psn_no\":\"{person}\",\"omsgid\":\"{original}\",\"oinfno\":\"{infno}\"}}}}"
        );
        self.envelope("2601", msgid, now, &input)
    }
}
