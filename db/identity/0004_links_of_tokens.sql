-- A link, and the session that it opens, belong to the token of whoever made the link: they end with it.
alter table sign_in_codes add column token text not null default '';   -- its id; '' where an older version made the link: it opens nothing
alter table sign_in_codes add column latest bigint not null default 0; -- when the session that it opens ends at the latest; 0 for any time
create index sign_in_codes_of_token on sign_in_codes (token);
-- Whose these are is not known.
delete from sign_in_codes where token = '';
delete from sessions where token = '';
