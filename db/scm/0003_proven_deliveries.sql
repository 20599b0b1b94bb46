-- What makes a delivery the same one is covered by its proof, which the id in its header is not: `delivery` is the SHA-256 of its body, or the id
-- where the proof covers that. What its forge calls it is for people alone.

alter table forge_deliveries add column named text not null default ''; -- '': the same as `delivery`
