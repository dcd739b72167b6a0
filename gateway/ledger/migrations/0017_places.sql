-- Jobs keep where their results are about to go: earlier versions would not know that slot.
DELETE FROM papers WHERE slot = 'places.json';
