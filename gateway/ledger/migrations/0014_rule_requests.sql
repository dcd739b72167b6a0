-- With four eyes a change of a rule file was asked for by one keeper and confirmed by another.
ALTER TABLE rule_changes ADD COLUMN request INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rule_changes ADD COLUMN confirmer TEXT NOT NULL DEFAULT '';
