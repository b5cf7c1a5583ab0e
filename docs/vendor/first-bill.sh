#!/bin/sh
# 向 tongqu demo 发送第一张门诊账单:2201、2203、2204、2207。用法: sh first-bill.sh city.json
# Sends a first outpatient bill to `tongqu demo`. Usage: sh first-bill.sh city.json
set -eu
manifest=$1

# 清单中的地址、机构及密钥、人员、项目 address, institution with its key, person and item of the manifest
address=$(sed -n 's/^  "address": "\(.*\)".*/\1/p' "$manifest")
of() { grep -B4 -A5 "\"name\": \"$1\"" "$manifest" | sed -n "s/^ *\"$2\": \"\([^\"]*\)\".*/\1/p" | head -n 1; }
hospital=$(of 大榭医院 code) division=$(of 大榭医院 division)
key=$(of 大榭医院 paasid) secret=$(of 大榭医院 secret)
person=$(of 吴小敏 psn_no) item=$(of '血常规(五分类)' code)
day=2026-11-23 serial=0

say() { # 交易编号 infno, input
  serial=$((serial + 1))
  stamp=$(date +%s) nonce=n$$-$serial
  signature=$(printf '%s' "$stamp$secret$nonce$stamp" | sha256sum | cut -d ' ' -f 1)
  msgid=$hospital$(date +%Y%m%d%H%M%S)$(printf '%04d' $serial)
  answer=$(curl -sS -X POST "$address/api/$1" \
    -H "x-tif-paasid: $key" -H "x-tif-timestamp: $stamp" -H "x-tif-nonce: $nonce" -H "x-tif-signature: $signature" \
    -H 'content-type: application/json' -d "{
      \"infno\": \"$1\", \"msgid\": \"$msgid\", \"mdtrtarea_admvs\": \"$division\", \"insuplc_admdvs\": \"990101\",
      \"recer_sys_code\": \"HIS\", \"signtype\": \"\", \"infver\": \"V1.0\", \"opter_type\": \"1\", \"opter\": \"0103\",
      \"opter_name\": \"收费员\", \"inf_time\": \"$day 09:00:00\", \"fixmedins_code\": \"$hospital\",
      \"fixmedins_name\": \"大榭医院\", \"sign_no\": \"\", \"input\": $2 }")
  case $answer in
    '{"infcode":0,'* | '{"infcode":"0",'*) ;;
    *) echo "$1: $answer" >&2; exit 1 ;;
  esac
}
get() { printf '%s' "$answer" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

say 2201 "{\"data\": {\"psn_no\": \"$person\", \"insutype\": \"310\", \"begntime\": \"$day 09:00:00\",
  \"mdtrt_cert_type\": \"02\", \"mdtrt_cert_no\": \"1\", \"ipt_otp_no\": \"MZ$$\", \"atddr_no\": \"D1\",
  \"dr_name\": \"王医生\", \"dept_code\": \"0301\", \"dept_name\": \"内科门诊\", \"caty\": \"A03\"}}"
visit=$(get mdtrt_id)
say 2203 "{\"mdtrtinfo\": {\"mdtrt_id\": \"$visit\", \"psn_no\": \"$person\", \"med_type\": \"11\",
  \"begntime\": \"$day 09:00:00\"}, \"diseinfo\": [{\"diag_type\": \"1\", \"diag_srt_no\": \"1\", \"diag_code\": \"I10\",
  \"diag_name\": \"原发性高血压\", \"diag_dept\": \"0301\", \"dise_dor_no\": \"D1\", \"dise_dor_name\": \"王医生\",
  \"diag_time\": \"$day 09:00:00\", \"vali_flag\": \"1\"}]}"
say 2204 "{\"feedetail\": [{\"feedetl_sn\": \"1\", \"mdtrt_id\": \"$visit\", \"psn_no\": \"$person\", \"chrg_bchno\": \"1\",
  \"rx_circ_flag\": \"0\", \"fee_ocur_time\": \"$day 09:00:00\", \"med_list_codg\": \"$item\", \"medins_list_codg\": \"1\",
  \"det_item_fee_sumamt\": 20.00, \"cnt\": 1, \"pric\": 20.00, \"bilg_dept_codg\": \"0301\",
  \"bilg_dept_name\": \"内科门诊\", \"bilg_dr_codg\": \"D1\", \"bilg_dr_name\": \"王医生\", \"hosp_appr_flag\": \"1\"}]}"
say 2207 "{\"data\": {\"psn_no\": \"$person\", \"mdtrt_cert_type\": \"02\", \"mdtrt_cert_no\": \"1\", \"med_type\": \"11\",
  \"medfee_sumamt\": \"20.00\", \"psn_setlway\": \"01\", \"mdtrt_id\": \"$visit\", \"chrg_bchno\": \"1\",
  \"acct_used_flag\": \"1\", \"insutype\": \"310\"}}"
echo "2207: setl_id $(get setl_id), medfee_sumamt $(get medfee_sumamt), acct_pay $(get acct_pay), psn_cash_pay $(get psn_cash_pay)"
