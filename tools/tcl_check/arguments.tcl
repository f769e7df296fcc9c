# Arguments of a command against its table:
#   options  {-name kind ?generation?}, words {least most}
# kind: flag (-name, or -name=true), value, number, power_of_two, file, or a list of choices.
# An option with a generation is documented for that one only.
namespace eval check {
    # what holds for every command of Vivado
    variable common {}

    # -> dict: -name value of every option given, and "words" with the rest
    proc arguments {name table given} {
        variable common
        set kinds [option_kinds $name [concat [dict get $table options] $common]]
        set parsed {words {}}
        for {set i 0} {$i < [llength $given]} {incr i} {
            set word [lindex $given $i]
            if {![regexp {^-[A-Za-z_]} $word]} {
                dict lappend parsed words $word
                continue
            }
            regexp {^(-[^=]+)(=(.*))?$} $word -> option has_value value
            if {![dict exists $kinds $option]} {
                fail unknown-option "$name has no option $option"
            }
            lassign [dict get $kinds $option] kind only
            if {$only ni [list {} $check::generation]} {
                fail wrong-generation "$name $option is of $only, not of $check::generation"
            }
            if {$kind eq "flag"} {
                if {$has_value eq {}} { set value true }
                if {$value ni {true false 0 1}} {
                    fail bad-value "$name $option=$value: not true or false"
                }
            } elseif {$has_value eq {}} {
                if {[incr i] >= [llength $given]} {
                    fail no-value "$name $option needs a value"
                }
                set value [lindex $given $i]
            }
            check_value $name $option $kind $value
            dict set parsed $option $value
        }
        set count [llength [dict get $parsed words]]
        lassign [dict get $table words] least most
        if {$count < $least || $count > $most} {
            fail argument-count "$name takes $least to $most arguments, not $count"
        }
        return $parsed
    }

    proc option_kinds {name options} {
        set kinds {}
        foreach option $options {
            dict set kinds [lindex $option 0] [lrange $option 1 2]
        }
        return $kinds
    }

    proc check_value {name option kind value} {
        switch -- $kind {
            flag - value {}
            number {
                if {![string is double -strict $value] || $value < 0} {
                    fail bad-value "$name $option $value: not a number"
                }
            }
            power_of_two {
                if {![string is integer -strict $value] || $value < 1 || ($value & ($value - 1))} {
                    fail bad-value "$name $option $value: not a power of two"
                }
            }
            new_file {
                if {![file isdirectory [file dirname $value]]} {
                    fail missing-file "$name $option: no folder [file dirname $value]"
                }
            }
            default {
                if {$value ni $kind} {
                    fail bad-value "$name $option $value: not one of $kind"
                }
            }
        }
    }

    # one command for each of the table, which checks its arguments and calls model::NAME with them
    proc define {commands} {
        dict for {name table} $commands {
            proc ::$name args "
                set parsed \[check::arguments [list $name] [list $table] \$args\]
                model::$name \$parsed \[dict get \$parsed words\]
            "
        }
    }
}
