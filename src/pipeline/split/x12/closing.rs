//! What is open, closed: by the trailer that the input has, or one that it lacks.

use std::io::Read;

use crate::error::Result;
use crate::pipeline::split::text;
use crate::pipeline::split::x12::enclosures::{Enclosure, PARTS};
use crate::pipeline::split::x12::writer::{Current, Writer};

impl<P: Read + ?Sized> Writer<'_, '_, P> {
    pub fn close_set(&mut self, trailer: Option<(&Current, u64)>) -> Result<()> {
        if self.plan.take().is_none() && trailer.is_some() {
            // A trailer that closes nothing.
            return trailer.map_or(Ok(()), |(current, end)| self.write(current.start, end));
        }
        for rejected in PARTS {
            let Some(mut set) = self.part(rejected).set.take() else { continue };
            set.count += 1;
            self.write_trailer("SE", &set, trailer, rejected)?;
        }
        self.goes_to = [false; 2];
        Ok(())
    }

    pub fn close_group(&mut self, trailer: Option<(&Current, u64)>) -> Result<()> {
        self.close_set(None)?;
        for rejected in PARTS {
            let group = self.part(rejected).group.take();
            if let Some(group) = group.filter(|group| group.is_written) {
                self.write_trailer("GE", &group, trailer, rejected)?;
            }
        }
        Ok(())
    }

    pub fn close_around(&mut self, current: &Current, end: u64) -> Result<()> {
        self.close_group(None)?;
        self.close_with(Some((current, end)))
    }

    pub fn close_interchange(&mut self) -> Result<()> {
        self.close_group(None)?;
        self.close_with(None)
    }

    fn close_with(&mut self, trailer: Option<(&Current, u64)>) -> Result<()> {
        for rejected in PARTS {
            let interchange = self.part(rejected).interchange.take();
            if let Some(interchange) = interchange.filter(|interchange| interchange.is_written) {
                self.write_trailer("IEA", &interchange, trailer, rejected)?;
            }
        }
        Ok(())
    }

    pub fn trailer(&self, name: &str, of: &Enclosure) -> Vec<u8> {
        let count = of.count.to_string();
        let text: [&[u8]; 3] = [name.as_bytes(), count.as_bytes(), &of.control];
        let mut bytes = text::ascii(self.found, &text.join(&[self.separators.element][..]));
        bytes.extend(self.terminator());
        bytes
    }

    fn write_trailer(
        &mut self,
        name: &str,
        of: &Enclosure,
        instead: Option<(&Current, u64)>,
        rejected: bool,
    ) -> Result<()> {
        let bytes = match instead {
            Some((current, end)) => {
                let count = of.count.to_string();
                self.rewritten(&[name.as_bytes(), count.as_bytes(), &of.control], current, end)?
            }
            None => self.trailer(name, of),
        };
        self.put(rejected, &bytes)
    }
}
