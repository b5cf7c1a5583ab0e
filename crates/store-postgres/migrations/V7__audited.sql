-- Packs of drugs by their trace codes, and what met a rule of audit: kinds of registrations the first list did not know.
alter table register drop constraint register_kind_check;
alter table register add constraint register_kind_check check (kind <> '');
-- Who sold a pack is asked wherever it was.
create index register_trace on register (key) where kind = 'trace';
