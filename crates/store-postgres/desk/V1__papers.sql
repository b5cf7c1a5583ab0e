-- Papers of hospitals' desks.
create table meta (version bigint not null, min_binary text not null);
insert into meta values (1, '0.1.0');

create table paper (
    hospital text collate "C" not null,
    kind text collate "C" not null,
    key text collate "C" not null,
    version bigint not null,
    state text not null,
    day date,
    -- What else it is found by, a line each.
    tags text not null,
    -- JSON, for people to read.
    facts text not null check (facts::json is not null),
    -- What is personal, sealed.
    private bytea not null,
    primary key (hospital, kind, key)
) with (fillfactor = 70);
create index paper_state on paper (kind, state, hospital);
create index paper_day on paper (hospital, kind, day, key);

create table paper_tag (
    hospital text collate "C" not null,
    kind text collate "C" not null,
    tag text collate "C" not null,
    key text collate "C" not null,
    primary key (hospital, kind, tag, key)
);
create index paper_tag_key on paper_tag (hospital, kind, key);

-- What happened to papers: only added to.
create table paper_event (
    hospital text collate "C" not null,
    kind text collate "C" not null,
    key text collate "C" not null,
    version bigint not null,
    at timestamp(3) not null,
    operator text not null,
    workstation text not null,
    event text not null,
    was text,
    state text not null,
    facts text not null,
    private bytea not null,
    primary key (hospital, kind, key, version)
);

create function stays() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0];
end $$;
create trigger paper_event_stays before delete or update on paper_event for each row execute function stays('events are never deleted or changed');
create trigger paper_event_kept before truncate on paper_event for each statement execute function stays('events are never deleted');
create trigger paper_stays before delete on paper for each row execute function stays('papers are never deleted');
create trigger paper_kept before truncate on paper for each statement execute function stays('papers are never deleted');
