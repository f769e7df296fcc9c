# Nets: one driver, inputs of the same width. Interface nets: one master, one slave, watchers.
namespace eval model {
    variable net_of {} nets {} interface_net_of {} interface_nets {} next_net 0

    proc connect_bd_net {options words} {
        variable net_of
        variable nets
        variable next_net
        need_design connect_bd_net
        set objects [concat {*}$words]
        set net {}
        set joined {}
        foreach pin $objects {
            property pin $pin
            if {[dict exists $net_of $pin]} {
                set old [dict get $net_of $pin]
                lappend joined {*}[dict get $nets $old]
                set net $old
            } else {
                lappend joined $pin
            }
        }
        if {$net eq {}} { set net [expr {[dict exists $options -net] ? [dict get $options -net] :
            "net_[incr next_net]"}] }
        set joined [lsort -unique $joined]
        need [expr {[llength $joined] > 1}] open-net "connect_bd_net $objects: one pin only"
        check_net $joined
        foreach pin $joined { dict set net_of $pin $net }
        dict set nets $net $joined
        change
    }
    proc check_net {pins} {
        set drivers {}
        set driven {}
        foreach pin $pins {
            lassign [property pin $pin] direction width kind
            if {$direction eq "out"} { lappend drivers $pin }
            dict lappend driven $width $pin
        }
        need [expr {[llength $drivers] < 2}] two-drivers "[join $drivers { and }] drive one net"
        need [expr {[llength $drivers] == 1}] no-driver "nothing drives $pins"
        need [expr {[dict size $driven] == 1}] width "pins of [join [dict keys $driven] {, }] bits: $pins"
        set kind [lindex [property pin [lindex $drivers 0]] 2]
        foreach pin $pins {
            set wanted [lindex [property pin $pin] 2]
            need [expr {$wanted ne "clock" || $kind eq "clock"}] kind "$pin is a clock, [lindex \
                $drivers 0] is none"
            need [expr {$wanted ne "reset" || $kind eq "reset"}] kind "$pin is a reset, [lindex \
                $drivers 0] is none"
        }
    }

    proc connect_bd_intf_net {options words} {
        variable interface_net_of
        variable interface_nets
        variable next_net
        need_design connect_bd_intf_net
        lassign $words one other
        lassign [property interface $one] mode_one
        lassign [property interface $other] mode_other
        set modes [lsort [list $mode_one $mode_other]]
        if {"monitor" in $modes} {
            set watcher [expr {$mode_one eq "monitor" ? $one : $other}]
            set watched [expr {$mode_one eq "monitor" ? $other : $one}]
            need [dict exists $interface_net_of $watched] order \
                "$watcher watches $watched, which is not connected yet"
            dict set interface_net_of $watcher [dict get $interface_net_of $watched]
            return [change]
        }
        need [expr {$modes eq {master slave}}] bad-direction "$one is a $mode_one, $other a $mode_other"
        foreach pin [list $one $other] {
            need [expr {![dict exists $interface_net_of $pin]}] two-connections "$pin is connected already"
        }
        set name [expr {[dict exists $options -intf_net] ? [dict get $options -intf_net] :
            "interface_[incr next_net]"}]
        need [expr {![dict exists $interface_nets $name]}] duplicate-net "there is a net $name already"
        set master [expr {$mode_one eq "master" ? $one : $other}]
        set slave [expr {$mode_one eq "master" ? $other : $one}]
        dict set interface_nets $name [list $master $slave]
        dict set interface_net_of $one $name
        dict set interface_net_of $other $name
        change
    }
    proc get_bd_intf_nets {options words} {
        variable interface_nets
        foreach name $words {
            need [dict exists $interface_nets $name] unknown-net "no interface net $name"
        }
        return $words
    }

    # slave interface at the other end of a master, or nothing
    proc slave_of {master} {
        variable interface_net_of
        variable interface_nets
        if {![dict exists $interface_net_of $master]} { return {} }
        return [lindex [dict get $interface_nets [dict get $interface_net_of $master]] 1]
    }
}
