-- With four eyes a change of a rule file was asked for by one keeper and confirmed by another.
ALTER TABLE rule_changes ADD COLUMN request INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rule_changes ADD COLUMN confirmer TEXT NOT NULL DEFAULT '';

-- What a batch has reported as missing is not claimed for it any more.
ALTER TABLE batch_members ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;

-- Seals that are shown in their own size only.
ALTER TABLE seals ADD COLUMN fixed_size INTEGER NOT NULL DEFAULT 0;
