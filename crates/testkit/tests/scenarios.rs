//! The stories of `scenarios/`, each played on books of its own.

mod story;

macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                story::play(include_str!(concat!("../../../scenarios/", stringify!($name), ".toml")));
            }
        )*

        /// Every file is played.
        #[test]
        fn every_story_is_played() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");
            let files = std::fs::read_dir(folder).expect("the stories");
            let mut files: Vec<String> = files.map(|f| f.unwrap().file_name().to_string_lossy().into_owned()).collect();
            files.sort();
            let mut played = vec![$(concat!(stringify!($name), ".toml")),*];
            played.sort_unstable();
            assert_eq!(files, played);
        }
    };
}

stories!(
    ordinary_outpatient,
    chronic_disease,
    refund_whole_and_part,
    inpatient_with_interim,
    recall_and_resettle,
    stay_over_the_year,
    referral,
    pharmacy,
    pool_suspended,
    retirement_mid_year,
    unknown_outcomes,
    month_close_with_late_void,
    mutual_aid,
    off_site_through_second_centre,
);
