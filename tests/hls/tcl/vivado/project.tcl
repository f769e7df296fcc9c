# A project with an IP and a few modules, and an empty block design.
set here [file dirname [file normalize [info script]]]
create_project -force small project -part xczu7ev-ffvc1156-2-e
set_property board_part xilinx.com:zcu104:part0:1.1 [current_project]
set_property ip_repo_paths $here/ip [current_project]
update_ip_catalog
add_files -norecurse $here/modules.v
create_bd_design small
proc pins args {
    foreach name $args { lappend found [get_bd_pins $name] }
    return $found
}
proc interfaces args {
    foreach name $args { lappend found [get_bd_intf_pins $name] }
    return $found
}
