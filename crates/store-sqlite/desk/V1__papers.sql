-- Papers of hospitals' desks.
create table meta (version integer not null, min_binary text not null) strict;
insert into meta values (1, '0.1.0');

create table paper (
    hospital text not null,
    kind text not null,
    key text not null,
    version integer not null,
    state text not null,
    day text,
    -- What else it is found by, a line each.
    tags text not null,
    -- JSON, for people to read.
    facts text not null check (json_valid(facts)),
    -- What is personal, sealed.
    private blob not null,
    primary key (hospital, kind, key)
) strict, without rowid;
create index paper_state on paper (kind, state, hospital);
create index paper_day on paper (hospital, kind, day, key);

create table paper_tag (
    hospital text not null,
    kind text not null,
    tag text not null,
    key text not null,
    primary key (hospital, kind, tag, key)
) strict, without rowid;
create index paper_tag_key on paper_tag (hospital, kind, key);

-- What happened to papers: only added to.
create table paper_event (
    hospital text not null,
    kind text not null,
    key text not null,
    version integer not null,
    at text not null,
    operator text not null,
    workstation text not null,
    event text not null,
    was text,
    state text not null,
    facts text not null,
    private blob not null,
    primary key (hospital, kind, key, version)
) strict, without rowid;
create trigger paper_event_stays before delete on paper_event begin select raise(abort, 'events are never deleted'); end;
create trigger paper_event_stands before update on paper_event begin select raise(abort, 'events are never changed'); end;
create trigger paper_stays before delete on paper begin select raise(abort, 'papers are never deleted'); end;
