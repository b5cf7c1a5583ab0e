//! What a person has on file with the centre, from a day to a day, and what institutions have registered.

use crate::person::words;

words! {
    /// What a person has on file.
    FilingKind {
        /// A listed disease, certified: its outpatient care is paid by rules of its own.
        ListedDisease = "listed disease",
        /// Sent on to another institution.
        Referral = "referral",
        /// An institution the person chose.
        Institution = "institution",
        /// The institution of the person's family doctor.
        FamilyDoctor = "family doctor",
        /// Lives or works in another division, for the long term.
        OffSite = "off-site",
        /// Has died; from the day of death on.
        Died = "died",
        /// Is another's second record, by that one's number.
        Merged = "merged",
    }
}

words! {
    /// What an officer did to a person.
    EventKind {
        /// Insured anew, or again.
        Insured = "insured",
        /// Insured no more.
        Stopped = "stopped",
        /// Retired.
        Retired = "retired",
        /// Went to another employer or division.
        Transferred = "transferred",
        /// Who it is was set right.
        Corrected = "corrected",
        /// Died.
        Died = "died",
        /// A death was told by mistake.
        Revived = "revived",
        /// Two records of one person became one.
        Merged = "merged",
        /// Money of one account was given for another person's bills, or given back.
        Lent = "lent",
        /// In arrears, or no more, as premiums were told.
        Premium = "premium",
        /// A bill from a time in arrears that was restored: what the funds owe of it beside what they paid.
        Supplement = "supplement",
        /// A bill on paper.
        Reimbursed = "reimbursed",
    }
}

words! {
    /// What an institution has registered.
    RegisterKind {
        /// A department.
        Department = "department",
        /// Somebody who works there.
        Staff = "staff",
        /// One of its items, mapped to the catalogue.
        Mapping = "mapping",
        /// The settlement list of a stay.
        SettlementList = "settlement list",
        /// A file it sent or may fetch.
        File = "file",
        /// A day on whose sums it and the centre agree.
        ReconciledDay = "reconciled day",
        /// A pack of a drug by its trace code, and the line it was sold with.
        Trace = "trace",
        /// Something that met an audit rule, and what became of it.
        AuditHit = "audit hit",
        /// A month it applied to be cleared for, a month that is closed, a void allowed behind that.
        Clearing = "clearing",
    }
}
