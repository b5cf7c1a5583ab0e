//! Lists a hospital keeps of its own, besides its prices: its doctors, and what it diagnoses. One form and one table with
//! commas for each, of the same columns.

use web::{Said, field};

use crate::house::{Diagnosis, Doctor, Lists, Named, Use};
use crate::lists::{House, Shelf};
use crate::pasted::Cells;
use crate::place;
use crate::price_list::{code, short};
use crate::sheet::Form;

/// A list the administrator keeps.
pub(crate) trait Register: Form<State = Use, Private = ()> + Clone + PartialEq {
    /// Where.
    const PLACE: place::House;
    /// The key of its name.
    const TITLE: &'static str;
    /// The keys of its columns' names, the one it goes by first.
    const COLUMNS: &'static [&'static str];
    /// So many of them, from the first, a list from a file must have.
    const NEEDED: usize;

    /// What a row has in each column behind the first.
    fn cells(&self) -> Vec<String>;

    /// A row of what is typed: its key and itself; or which column is wrong, and what.
    fn read(cell: &Cells<'_>) -> Result<(String, Self), (usize, Said)>;

    /// What finds it.
    fn shelf(house: &House) -> &Shelf<Self>;

    /// How many rows there are.
    fn count(lists: &mut Lists) -> &mut usize;
}

impl Register for Doctor {
    const PLACE: place::House = place::House::Doctors;
    const TITLE: &'static str = "tab-doctors";
    const COLUMNS: &'static [&'static str] =
        &["doctor-number", "doctor-name", "doctor-code", "department-code", "department-name"];
    const NEEDED: usize = 2;

    fn cells(&self) -> Vec<String> {
        let Self { name, code, department } = self;
        [name, code, &department.code, &department.name].map(Clone::clone).into()
    }

    fn read(cell: &Cells<'_>) -> Result<(String, Self), (usize, Said)> {
        let number = code(&cell(0)).map_err(|said| (0, said))?;
        let name = field::name(&cell(1)).map_err(|said| (1, said))?;
        let short = |n: usize, most: usize| short(&cell(n), most).map_err(|said| (n, said));
        let department = Named::of(short(3, 20)?, short(4, 30)?);
        Ok((number, Self { name, code: short(2, 30)?, department }))
    }

    fn shelf(house: &House) -> &Shelf<Self> {
        &house.doctors
    }

    fn count(lists: &mut Lists) -> &mut usize {
        &mut lists.doctors
    }
}

impl Register for Diagnosis {
    const PLACE: place::House = place::House::Diagnoses;
    const TITLE: &'static str = "tab-diagnoses";
    const COLUMNS: &'static [&'static str] = &["diagnosis-code", "diagnosis-name"];
    const NEEDED: usize = 2;

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn read(cell: &Cells<'_>) -> Result<(String, Self), (usize, Said)> {
        let number = code(&cell(0)).map_err(|said| (0, said))?;
        let name = short(&cell(1), 100).map_err(|said| (1, said))?;
        if name.is_empty() {
            return Err((1, Said::new("register-name")));
        }
        Ok((number, Self { name }))
    }

    fn shelf(house: &House) -> &Shelf<Self> {
        &house.diagnoses
    }

    fn count(lists: &mut Lists) -> &mut usize {
        &mut lists.diagnoses
    }
}
