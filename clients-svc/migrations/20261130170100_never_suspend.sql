-- Services of the client are not to be suspended: whoever does it all the same must say so (A57).
alter table clients add column never_suspend boolean not null default false;
