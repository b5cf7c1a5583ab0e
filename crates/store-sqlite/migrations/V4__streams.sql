-- As the other engine keeps them, so that books of several writers can be copied into a file: the highest stream there was
-- when one closed, and the one that says how it ended. So far the next one always did.
alter table stream add column behind integer;
alter table stream add column anchored_by integer;
update stream set behind = stream where closed is not null;
update stream set anchored_by = stream + 1 where records is not null
    and exists (select 1 from stream next where next.stream = stream.stream + 1);
insert into meta values (4, '0.1.0');
