# Reads performance data, one line each, with the library that Debian's plugins are written with.
# Writes a line of JSON for each: its labels, values, units, and on which side a threshold alerts.
use strict;
use warnings;
use JSON::PP;
use Monitoring::Plugin::Performance use_die => 1;

while (my $line = <STDIN>) {
    chomp $line;
    my @data = map {
        my $threshold = $_->threshold;
        my %alerts = map {
            my $range = $_;
            my $bound = $threshold->$range;
            $range => $bound->is_set
                ? [ map { $bound->check_range($_) ? JSON::PP::true : JSON::PP::false }
                    @{ [ -1e30, 1e30 ] } ]
                : undef
        } qw(warning critical);
        { label => $_->label, value => $_->value, uom => $_->uom, max => $_->max, %alerts }
    } Monitoring::Plugin::Performance->parse_perfstring($line);
    print JSON::PP->new->canonical->encode(\@data), "\n";
}
