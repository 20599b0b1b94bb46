-- What cannot match is not looked at: agents are found by the labels that they offer, queues by those that they ask for.

-- Each set of labels that an agent offers, under each of its labels and under '', which asks for nothing.
create table agent_labels (
    label text not null,
    set_size bigint not null, -- Labels of the set
    set_labels text not null,
    primary key (label, set_size, set_labels)
) /*strict, without rowid*/;
create index agent_labels_of_set on agent_labels (set_labels, label);

-- Walks over each set one character at a time; `label` is the line so far.
with recursive walk (set_labels, at, label) as (
    select labels, 0, substr (labels, 1, 0) from agents where removed = 0
    union
    select set_labels, at + 1, case when substr (set_labels, at + 1, 1) = '
' then substr (set_labels, 1, 0) else label || substr (set_labels, at + 1, 1) end
        from walk where at < length (set_labels)
)
insert into agent_labels (label, set_size, set_labels)
    select distinct label, length (set_labels) - length (replace (set_labels, '
', '')) + 1, set_labels from walk
        where label <> '' and (at = length (set_labels) or substr (set_labels, at + 1, 1) = '
');
insert into agent_labels (label, set_size, set_labels)
    select distinct '', case when labels = '' then 0 else length (labels) - length (replace (labels, '
', '')) + 1 end, labels from agents where removed = 0;

drop index agents_idle;
create index agents_idle on agents (labels, idle_at) where state = 'idle';
create index agents_of_labels on agents (labels) where removed = 0;

-- Of a queue whose jobs ask for several labels the one that is offered least, and '' where that is not known; null where they ask for
-- one label or none, which is found by the key of the table.
alter table queues add column key_label text default '';
update queues set key_label = null where labels not like '%
%';
create index queues_of_key on queues (key_label) where key_label is not null;
