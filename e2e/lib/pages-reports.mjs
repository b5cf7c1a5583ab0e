// Reports, with how finance, the insurance office and somebody with every role come there.
import { EVERYBODY, OFFICER } from "./office.mjs";
import { at, of } from "./pages-stay.mjs";

const FINANCE = "0401";
const MONTH = "from=20261101&to=t";
/** Before anything was charged. */
const NEVER = "from=20261020&to=20261021";

export const REPORTS = {
  ...of(FINANCE, {
    reports: at("tab-reports", () => "/reports"),
    summaries: at("summaries", () => "/summaries"),
    "report-house": at("report-house", () => `/reports/house?${MONTH}`),
    "report-house-days": at("report-house", () => `/reports/house?${MONTH}&by=day`),
    "report-house-nothing": at("report-house", () => `/reports/house?${NEVER}`),
    "report-house-wrong": at("report-house", () => "/reports/house?from=0231&to=t"),
    "report-handed": at("report-handed", () => `/reports/handed?${MONTH}`),
    "report-deposits": at("report-deposits", () => `/reports/deposits?${MONTH}`),
    "report-departments": at("report-departments", () => `/reports/departments?${MONTH}&by=executing`),
    "report-exceptions": at("report-exceptions", () => `/reports/exceptions?${MONTH}`),
    "report-paper": at("report-house", () => `/reports/house?${MONTH}&print=1`, { paper: true }),
  }),
  ...of(OFFICER.login, {
    "report-shares": at("report-shares", () => `/reports/shares?${MONTH}`),
    "report-items": at("report-items", () => "/reports/items"),
    "report-items-doctors": at("report-items", () => "/reports/items?by=doctor"),
  }),
  ...of(EVERYBODY.login, {
    "every-report": at("tab-reports", () => "/reports"),
  }),
};
