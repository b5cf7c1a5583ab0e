-- Who lies in a hospital is asked by the hospital, and must not cost more with every visit it ever had.
create index encounter_in_house on encounter (hospital, begins) where stay = 1 and state = 'open';
